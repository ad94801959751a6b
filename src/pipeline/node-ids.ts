import { PipelineError } from "../errors.ts";
import type { SourceLocation } from "../model/source-location.ts";
import { formatPlace } from "./call-site.ts";

/** Gives each node of a graph its id: the one that was asked for, else `train`, `train-2`, … in order of call. */
export class NodeIds {
  readonly #taken = new Map<string, SourceLocation>();
  readonly #counts = new Map<string, number>();

  /** @throws PipelineError (`WS_DUPLICATE_ID`) when the id that was asked for is taken. */
  take(step: string, asked: string | undefined, at: SourceLocation): string {
    const id = asked ?? this.#next(step);
    const other = this.#taken.get(id);
    if (other !== undefined) throw duplicateId(id, step, at, other);
    this.#taken.set(id, at);
    return id;
  }

  #next(step: string): string {
    let count = this.#counts.get(step) ?? 0;
    let id: string;
    do {
      count++;
      id = count === 1 ? step : `${step}-${count}`;
    } while (this.#taken.has(id));
    this.#counts.set(step, count);
    return id;
  }
}

function duplicateId(id: string, step: string, at: SourceLocation, other: SourceLocation): PipelineError {
  return new PipelineError("WS_DUPLICATE_ID", {
    message: `Two nodes are called \`${id}\`: at ${formatPlace(other)} and at ${formatPlace(at)}.`,
    hint: `Give this call of \`${step}\` an id of its own, or none: ids that are not given never clash.`,
    details: { id, at, other },
  });
}
