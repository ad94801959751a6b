import path from "node:path";
import { unseenKinds } from "../model/reads.ts";
import { isTrust } from "../pipeline/trust-word.ts";
import type { RunOptions } from "../repository/repository-run.ts";
import type { CommandCall } from "./command-spec.ts";
import { findPipelineFile } from "./find-pipeline-file.ts";
import { loadPipeline } from "./load-pipeline.ts";
import type { AnyPipeline } from "./load-pipeline.ts";
import { parametersOf } from "./read-parameters.ts";
import { didYouMean, usageError } from "./usage-error.ts";

export interface SelectedPipeline {
  readonly pipeline: AnyPipeline;
  readonly params: Readonly<Record<string, unknown>>;
  readonly options: Pick<RunOptions, "refresh" | "noCache" | "from" | "to" | "only" | "trust">;
}

/** What `run` and `plan` have in common: the pipeline, its parameters, and the part of it that is meant. `at`: which argument names the file. */
export async function selectPipeline(call: CommandCall, at = 0): Promise<SelectedPipeline> {
  const { parsed, cwd, terminal } = call;
  const params = parametersOf(call);
  const file = findPipelineFile(parsed.arguments[at], cwd);
  const shown = path.relative(cwd, file);
  const pipeline = await loadPipeline({ file, shown, name: parsed.text("pipeline"), say: terminal.say });
  const list = (name: string): readonly string[] => parsed.texts(name);
  return {
    pipeline,
    params,
    options: {
      refresh: list("refresh"),
      noCache: parsed.flag("no-cache"),
      from: list("from"),
      to: list("to"),
      only: list("only"),
      trust: trustOf(list("trust")),
    },
  };
}

function trustOf(words: readonly string[]): readonly string[] {
  const wrong = words.find((word) => !isTrust(word));
  if (wrong === undefined) return words;
  const otherwise = `Give one of ${unseenKinds.join(", ")}, or with what exactly: network:api.openai.com.`;
  throw usageError(`--trust ${wrong} means nothing.`, didYouMean(wrong, unseenKinds, otherwise));
}
