import { PipelineError } from "../errors.ts";
import type { SourceLocation } from "../model/source-location.ts";
import { formatPlace } from "./call-site.ts";
import { previewValue } from "../encoding/preview.ts";

const MOST_LENGTH = 128;
const name = /^[\p{L}\p{N}_][\p{L}\p{M}\p{N}_.+-]*$/u;

/** Whether a text can name a step, a node, an output, a pipeline or an artifact: it is typed in a shell and read in lists. */
export function isName(text: unknown): text is string {
  return typeof text === "string" && text.length <= MOST_LENGTH && name.test(text);
}

/**
 * Checks a name that people gave.
 *
 * @throws PipelineError (`WS_BAD_NAME`) naming the place, with a name that would do.
 */
export function checkName(text: unknown, what: string, at: SourceLocation): asserts text is string {
  if (isName(text)) return;
  throw new PipelineError("WS_BAD_NAME", {
    message: `${previewValue(text)} cannot be the name of ${what} (${formatPlace(at)}).`,
    hint: `Use letters, digits, \`_\`, \`-\`, \`.\` and \`+\`, at most ${MOST_LENGTH}${suggestion(text)}.`,
    details: { name: previewValue(text), at },
  });
}

function suggestion(text: unknown): string {
  if (typeof text !== "string") return "";
  const mended = text
    .trim()
    .replace(/[^\p{L}\p{M}\p{N}_.+-]+/gu, "-")
    .replace(/^[^\p{L}\p{N}_]+|-+$/gu, "")
    .slice(0, MOST_LENGTH);
  return isName(mended) ? `: for example \`${mended}\`` : "";
}
