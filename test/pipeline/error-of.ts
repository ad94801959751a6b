import { WarmstartError } from "../../src/errors.ts";

/** What an error says, with line numbers replaced by `N` so that wording can be compared. */
export interface Said {
  readonly code: string;
  readonly message: string;
  readonly hint: string | undefined;
}

export function errorOf(work: () => unknown): Said {
  try {
    work();
  } catch (error) {
    return said(error);
  }
  throw new Error("Nothing was thrown.");
}

export async function errorOfAsync(work: () => Promise<unknown>): Promise<Said> {
  try {
    await work();
  } catch (error) {
    return said(error);
  }
  throw new Error("Nothing was thrown.");
}

function said(error: unknown): Said {
  if (!(error instanceof WarmstartError)) throw error;
  return { code: error.code, message: withoutLines(error.message), hint: error.hint };
}

function withoutLines(text: string): string {
  return text.replace(/\.ts:\d+/g, ".ts:N");
}
