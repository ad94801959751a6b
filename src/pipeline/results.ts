import { types } from "node:util";
import { formatValuePath } from "../encoding/value-path.ts";
import type { PathStep } from "../encoding/value-path.ts";
import { previewValue } from "../encoding/preview.ts";
import { PipelineError } from "../errors.ts";
import type { SourceLocation } from "../model/source-location.ts";
import { formatPlace } from "./call-site.ts";
import type { Graph } from "./graph.ts";
import { handleInfo } from "./handle.ts";
import type { ResultSpec } from "./pipeline-spec.ts";
import { isPlainArray, isPlainRecord } from "./property-lifter.ts";
import { claimHandle } from "./step-call.ts";
import { stepDefinition } from "./step.ts";

/** Whose results are read. */
export interface ResultsOwner {
  readonly name: string;
  readonly definedAt: SourceLocation;
}

/**
 * Reads what a builder gave back: a record of handles, which may sit in arrays and records.
 *
 * @throws PipelineError (`WS_ASYNC_BUILDER`, `WS_BAD_RESULT`, `WS_FOREIGN_HANDLE`) naming the path.
 */
export function readResults(given: unknown, graph: Graph, owner: ResultsOwner): ResultSpec {
  if (isThenable(given)) throw asyncBuilder(given, owner);
  const handle = handleInfo(given);
  if (handle !== undefined) {
    throw badResult(
      owner,
      `gives back the output \`${handle.label}\` alone`,
      "Return a record, so that the result has a name: return { model }.",
    );
  }
  if (!isPlainRecord(given)) {
    throw badResult(
      owner,
      `gives back ${previewValue(given)}`,
      "Return a record of outputs: return { model, report }; `return {}` if there is nothing to keep.",
    );
  }
  return new ResultReader(graph, owner).read(given);
}

class ResultReader {
  readonly #graph: Graph;
  readonly #owner: ResultsOwner;
  readonly #path: PathStep[] = [];
  readonly #open: object[] = [];

  constructor(graph: Graph, owner: ResultsOwner) {
    this.#graph = graph;
    this.#owner = owner;
  }

  read(value: unknown): ResultSpec {
    const handle = handleInfo(value);
    if (handle !== undefined) {
      claimHandle(
        handle,
        this.#graph,
        `The result \`${this.#place()}\` of pipeline \`${this.#owner.name}\``,
        this.#owner.definedAt,
      );
      return { kind: "output", source: handle.source };
    }
    if (!isPlainArray(value) && !isPlainRecord(value)) throw this.#refuse(value);
    if (this.#open.includes(value))
      throw this.#error("contains itself", "Give back arrays and records that end in outputs.");
    this.#open.push(value);
    const result = isPlainArray(value) ? this.#array(value) : this.#record(value);
    this.#open.pop();
    return result;
  }

  #array(value: readonly unknown[]): ResultSpec {
    const items = Array.from(value, (item, index) => this.#within(index, item));
    return { kind: "array", items };
  }

  #record(value: Readonly<Record<string, unknown>>): ResultSpec {
    const entries = Object.keys(value).map((key) => [key, this.#within(key, value[key])] as const);
    return { kind: "record", entries };
  }

  #within(step: PathStep, value: unknown): ResultSpec {
    this.#path.push(step);
    const result = this.read(value);
    this.#path.pop();
    return result;
  }

  #place(): string {
    return formatValuePath(undefined, this.#path);
  }

  #refuse(value: unknown): PipelineError {
    const step = stepDefinition(value);
    if (step !== undefined) return this.#error(`is the step \`${step.name}\` itself`, `Call it: ${step.name}({ … }).`);
    if (isThenable(value)) {
      silence(value);
      return this.#error(
        "is a promise",
        "A builder only connects steps: move what is awaited into a step, and give back its output.",
      );
    }
    return this.#error(
      `is ${previewValue(value)}`,
      "Only outputs of steps are results: return this from a step, and give back what its call gives.",
    );
  }

  #error(what: string, hint: string): PipelineError {
    return badResult(this.#owner, `gives back \`${this.#place()}\`, which ${what}`, hint);
  }
}

function isThenable(value: unknown): value is PromiseLike<unknown> {
  if (typeof value !== "object" || value === null || handleInfo(value) !== undefined) return false;
  return types.isPromise(value) || typeof (value as { readonly then?: unknown }).then === "function";
}

/** What an abandoned builder still throws is not reported a second time. */
function silence(promise: PromiseLike<unknown>): void {
  promise.then(undefined, () => undefined);
}

function asyncBuilder(promise: PromiseLike<unknown>, { name, definedAt }: ResultsOwner): PipelineError {
  silence(promise);
  return new PipelineError("WS_ASYNC_BUILDER", {
    message: `The builder of pipeline \`${name}\` (${formatPlace(definedAt)}) is async.`,
    hint: "A builder only connects steps: remove `async`, and move what it awaits into a step, or await it before and pass it as a parameter.",
    details: { pipeline: name, at: definedAt },
  });
}

function badResult({ name, definedAt }: ResultsOwner, what: string, hint: string): PipelineError {
  return new PipelineError("WS_BAD_RESULT", {
    message: `Pipeline \`${name}\` (${formatPlace(definedAt)}) ${what}.`,
    hint,
    details: { pipeline: name, at: definedAt },
  });
}
