import { inspect } from "node:util";
import { PipelineError } from "../errors.ts";
import type { SourceLocation } from "../model/source-location.ts";
import { formatPlace } from "./call-site.ts";
import { describeMisuse, forbiddingProxy } from "./forbidding-proxy.ts";
import type { Misuse } from "./forbidding-proxy.ts";
import type { Output } from "./output.ts";
import type { InputSource } from "./pipeline-spec.ts";
import { threadSlot } from "./thread-state.ts";

/** What a handle stands for. */
export interface HandleInfo {
  /** The graph that it belongs to; only that one may use it. */
  readonly graph: object;
  readonly source: InputSource;
  /** For people: `train`, `split.test`, `late-model@latest`. */
  readonly label: string;
  /** Where the step was called. */
  readonly at: SourceLocation;
}

const infos: WeakMap<object, HandleInfo> = threadSlot("handles", () => new WeakMap<object, HandleInfo>());

/** Names itself when it is printed; its proxy forbids everything else. */
class HandleTarget {
  readonly info: HandleInfo;

  constructor(info: HandleInfo) {
    this.info = info;
  }

  /** Called with the proxy as `this`, which answers nothing. */
  [inspect.custom](): string {
    return `Output<${infos.get(this)?.label ?? "?"}>`;
  }
}

/** Makes the handle that a pipeline's builder gets in a value's place. */
export function createHandle(info: HandleInfo): Output<unknown> {
  const handle = forbiddingProxy(new HandleTarget(info), handleMisused);
  infos.set(handle, info);
  return handle as unknown as Output<unknown>;
}

/** What a handle stands for, without touching it; undefined for any other value. */
export function handleInfo(value: unknown): HandleInfo | undefined {
  return typeof value === "object" && value !== null ? infos.get(value) : undefined;
}

function handleMisused({ info }: HandleTarget, misuse: Misuse): PipelineError {
  const { source, label, at } = info;
  const what =
    source.kind === "node" ? "the output of a step that has not run yet" : "an artifact that is not loaded yet";
  return new PipelineError("WS_HANDLE_MISUSED", {
    message: `\`${label}\` (${formatPlace(at)}) is ${what}, and ${describeMisuse(misuse)}.`,
    hint: cureOf(misuse),
    details: { output: label, at, misuse: misuse.kind },
  });
}

function cureOf(misuse: Misuse): string {
  switch (misuse.kind) {
    case "awaited":
      return "A builder only connects steps, so there is nothing to wait for: hand the output to a step as an input. After the run, `await run(pipeline)` gives values.";
    case "property":
      return "Hand the output to a step and read the property there, or declare `outputs` so that each part is an output of its own.";
    case "iterated":
      return "Hand the output to a step and iterate there; how many nodes a pipeline has can depend on its parameters, never on a result.";
    case "changed":
      return "Hand the output to a step that gives back the changed value.";
    default:
      return "Hand the output to a step as an input, and do this with the value that its function gets.";
  }
}
