import path from "node:path";
import { pathToFileURL } from "node:url";
import { readTypeScriptOptions } from "../code-identity/typescript-options.ts";
import { CodeIdentityError, RepositoryError, WarmstartError } from "../errors.ts";
import { pipelineDefinition } from "../pipeline/pipeline.ts";
import type { Pipeline } from "../pipeline/pipeline-types.ts";
import { EXIT_CODES } from "./exit-codes.ts";
import { plainText } from "./format/plain-text.ts";
import { userFrames } from "./own-frames.ts";
import { didYouMean, usageError } from "./usage-error.ts";

/** A pipeline of which only its being one is known. */
export type AnyPipeline = Pipeline<Readonly<Record<string, unknown>>, unknown>;

export interface LoadPipelineInit {
  /** Absolute. */
  readonly file: string;
  /** As it was typed, for messages. */
  readonly shown: string;
  /** A pipeline's name, or the name of the export. */
  readonly name: string | undefined;
  readonly say: (line: string) => void;
}

const SLOW_MS = 5000;

/**
 * Imports a module and picks the pipeline out of it: the named one, else the default export, else the only one.
 *
 * @throws RepositoryError: `WS_MODULE_FAILED` for a module that cannot be parsed or fails while it is evaluated,
 * `WS_USAGE` where it exports no such pipeline.
 */
export async function loadPipeline(init: LoadPipelineInit): Promise<AnyPipeline> {
  await import("../observation/register.ts");
  return pick(await importModule(init), init);
}

async function importModule(init: LoadPipelineInit): Promise<object> {
  const { file, shown, say } = init;
  const watch = watchEvaluation(init);
  const slow = setTimeout(() => say(`… ${shown} is still being evaluated; Ctrl-C ends it`), SLOW_MS);
  slow.unref();
  try {
    return (await import(pathToFileURL(file).href)) as object;
  } catch (cause) {
    throw moduleFailed(file, shown, cause);
  } finally {
    clearTimeout(slow);
    watch.end();
  }
}

/** A module that waits for something that never comes, or ends the process, would otherwise end the command in silence. */
function watchEvaluation({ shown, say }: LoadPipelineInit): { end(): void } {
  const idle = (): void => {
    say(`✖ ${shown} never finishes: a top-level \`await\` in it waits for something that never comes.`);
    say("  Move the work into a step, or export the pipeline before it.");
    process.exit(EXIT_CODES.usage);
  };
  const exiting = (code: number): void => {
    if (code !== EXIT_CODES.usage) say(`✖ ${shown} ended the process while it was being evaluated (code ${code}).`);
    process.exitCode = EXIT_CODES.usage;
  };
  process.once("beforeExit", idle).once("exit", exiting);
  return {
    end: () => void process.off("beforeExit", idle).off("exit", exiting),
  };
}

function moduleFailed(file: string, shown: string, cause: unknown): RepositoryError {
  const error = cause instanceof Error ? cause : new Error(String(cause));
  const syntax = error instanceof SyntaxError || error instanceof CodeIdentityError;
  const text = plainText(error instanceof WarmstartError ? error.message : `${error.name}: ${error.message}`);
  const what = syntax ? "could not be read" : "failed while it was evaluated";
  return new RepositoryError("WS_MODULE_FAILED", {
    message: `${shown} ${what}${placeOf(error)}\n  ${text}`,
    hint: hintFor(error, syntax, file),
    cause,
  });
}

/** Node writes the place of a syntax error above the message, and that of any other error into the first frame. */
function placeOf({ stack = "" }: Error): string {
  const [first = ""] = stack.split("\n");
  const above = /^(?:file:\/\/)?(\/.*?:\d+)$/.exec(first)?.[1];
  const frame = /(?:file:\/\/)?(\/[^()]*?:\d+):\d+\)?$/.exec(userFrames(stack)[0] ?? "")?.[1];
  const place = above ?? frame;
  return place === undefined ? "." : ` (${path.relative(process.cwd(), place)}).`;
}

function hintFor(error: Error, syntax: boolean, file: string): string {
  if ("code" in error && error.code === "ERR_MODULE_NOT_FOUND") return hintForMissing(file);
  if (error instanceof WarmstartError && error.hint !== undefined) return error.hint;
  if (syntax && /Cannot use import statement outside|Unexpected token 'export'/.test(error.message))
    return 'Its package.json says that .js files are CommonJS: set "type": "module" there, or name the file *.mjs or *.ts.';
  return syntax ? "Correct the file and run again." : "`node` on the file shows the whole error.";
}

function hintForMissing(file: string): string {
  const { problem } = readTypeScriptOptions(path.dirname(file), () => undefined);
  if (problem === undefined) return "Is the package installed, and the path right?";
  return `${problem}: until that is corrected, its paths do not count.`;
}

interface Found {
  readonly exportName: string;
  readonly name: string;
  readonly value: AnyPipeline;
}

function pick(module: object, { shown, name }: LoadPipelineInit): AnyPipeline {
  const found = Object.entries(module).flatMap(([exportName, value]: [string, unknown]): readonly Found[] => {
    const definition = pipelineDefinition(value);
    return definition === undefined ? [] : [{ exportName, name: definition.name, value: value as AnyPipeline }];
  });
  if (name !== undefined) return named(found, name, shown);
  const distinct = [...new Set(found.map(({ value }) => value))];
  const chosen =
    found.find(({ exportName }) => exportName === "default")?.value ??
    (distinct.length === 1 ? distinct[0] : undefined);
  if (chosen !== undefined) return chosen;
  throw found.length === 0 ? noPipeline(shown, module) : several(found, shown);
}

function named(found: readonly Found[], name: string, shown: string): AnyPipeline {
  const match =
    found.find((candidate) => candidate.name === name) ?? found.find(({ exportName }) => exportName === name);
  if (match !== undefined) return match.value;
  const names = found.map((candidate) => candidate.name);
  const otherwise = names.length === 0 ? "It exports none." : `It has ${names.join(", ")}.`;
  throw usageError(`${shown} exports no pipeline \`${name}\`.`, didYouMean(name, names, otherwise));
}

function noPipeline(shown: string, module: object): RepositoryError {
  const names = Object.keys(module);
  const exported = names.length === 0 ? "nothing" : names.slice(0, 8).join(", ");
  return usageError(
    `${shown} exports no pipeline (it exports ${exported}).`,
    'Write `export default pipeline("name", …)`; a pipeline that is only defined cannot be found.',
  );
}

function several(found: readonly Found[], shown: string): RepositoryError {
  const lines = found.map(({ name }) => `\n    --pipeline ${name}`);
  return usageError(
    `${shown} exports ${found.length} pipelines and none as default.`,
    `Name one of them:${lines.join("")}`,
  );
}
