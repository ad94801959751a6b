import { readFileSync } from "node:fs";
import path from "node:path";
import { parseParameterTexts } from "../pipeline/parameter-text.ts";
import type { CommandCall } from "./command-spec.ts";
import { usageError } from "./usage-error.ts";

type Parameters = Readonly<Record<string, unknown>>;

/**
 * The parameters of a command line: those of `--params FILE`, then those of `--param`, which go before.
 *
 * @throws RepositoryError (`WS_USAGE`) for a file that is not there or no JSON object, PipelineError for a bad `--param`.
 */
export function parametersOf({ parsed, cwd }: CommandCall): Parameters {
  const file = parsed.text("params");
  const fromFile = file === undefined ? {} : parametersFile(path.resolve(cwd, file), file);
  return { ...fromFile, ...parseParameterTexts(parsed.texts("param")) };
}

function parametersFile(file: string, shown: string): Parameters {
  const value = parse(readText(file, shown), shown);
  if (typeof value === "object" && value !== null && !Array.isArray(value)) return value as Parameters;
  throw usageError(`${shown} holds no JSON object.`, 'Write for example { "rounds": 200 }.');
}

function readText(file: string, shown: string): string {
  try {
    return readFileSync(file, "utf8").replace(/^\uFEFF/, "");
  } catch (error) {
    const what = error instanceof Error && "code" in error ? String(error.code) : String(error);
    throw usageError(`The parameters' file ${shown} cannot be read (${what}).`, "Give the path of a JSON file.");
  }
}

function parse(text: string, shown: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    const what = error instanceof Error ? error.message : String(error);
    throw usageError(`${shown} is no JSON: ${what}.`, 'Write for example { "rounds": 200 }.');
  }
}
