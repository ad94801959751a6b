import type { Digest } from "../../../encoding/digest.ts";
import type { ArtifactId, RunId } from "../../../model/ids.ts";

const MAX_REMEMBERED = 50_000;

/**
 * What this process knows to be in the store, so that a warm step does not ask for it again.
 *
 * Only rows that are never deleted and never change their id are remembered, and only until a transaction fails: what
 * it wrote is not there.
 */
export class RecordMemo {
  readonly runs: Set<RunId> = new Set();
  readonly artifacts: Set<ArtifactId> = new Set();
  readonly steps: Map<string, number> = new Map();
  readonly codeIdentities: Map<string, number> = new Map();
  /** `step/artifact`: the step is known to have had the artifact as an output. */
  readonly producers: Set<string> = new Set();

  readonly codeRecords: Set<Digest> = new Set();

  forget(): void {
    for (const part of this.#parts()) part.clear();
  }

  /** Keeps a process that runs for weeks from remembering without bound. */
  trim(): void {
    for (const part of this.#parts()) if (part.size > MAX_REMEMBERED) part.clear();
  }

  #parts(): readonly (Set<unknown> | Map<unknown, unknown>)[] {
    return [this.runs, this.artifacts, this.steps, this.codeIdentities, this.producers, this.codeRecords];
  }
}
