import { isDigest } from "../encoding/digest.ts";
import { MetadataError } from "../errors.ts";
import type { Acceptance } from "../model/acceptance.ts";
import type { StoredValue } from "../model/artifact.ts";
import type { CacheEntryDraft, ExecutionDraft, OutputDraft } from "../model/execution.ts";
import type { CodeRecord } from "../model/code-record.ts";
import type { RunDraft } from "../model/run.ts";
import { isValidText } from "./valid-text.ts";

/**
 * Checks what can be said of a draft without the store, so that every backend refuses the same ones.
 *
 * @throws MetadataError WS_METADATA_STORE with the draft's place in the batch.
 */
export function checkExecutionDraft(draft: ExecutionDraft, index: number): void {
  const problem = problemOf(draft);
  if (problem === undefined) return;
  throw new MetadataError("WS_METADATA_STORE", {
    message: `Execution ${index} of the batch (step \`${draft.step}\`, node \`${draft.nodeId}\`) cannot be recorded: ${problem}.`,
    hint: "Nothing of the batch was recorded. This is a fault of the program that called the store.",
    details: { index, step: draft.step, nodeId: draft.nodeId },
  });
}

/** @throws MetadataError WS_METADATA_STORE when a run cannot be recorded as it is. */
export function checkRunDraft(draft: RunDraft): void {
  if (isName(draft.pipeline) && Number.isFinite(draft.startedAt)) return;
  throw new MetadataError("WS_METADATA_STORE", {
    message: "The run cannot be recorded: its pipeline has no name or its start is not a time.",
    hint: "A run has the name of a pipeline and starts at a number of milliseconds since the epoch.",
  });
}

function problemOf(draft: ExecutionDraft): string | undefined {
  if (!isName(draft.step) || !isName(draft.nodeId)) return "the name of its step or node is empty or no valid text";
  if (!timesAreFinite(draft)) return "a time or duration is not a finite number";
  if (!Number.isInteger(draft.attempts) || draft.attempts < 0) return "its number of attempts is not a whole number";
  for (const digest of [draft.key, draft.codeIdentity, draft.log]) {
    if (digest !== undefined && !isDigest(digest)) return "its key, code identity or log is not a digest";
  }
  if (draft.tree !== undefined && draft.key === undefined) return "it has a key tree and no key";
  if (draft.codeTree !== undefined && draft.codeIdentity === undefined) return "it has a code tree and no identity";
  if (draft.accepted !== undefined && !isWholeAcceptance(draft.accepted)) return "its acceptance is not valid";
  if (draft.codeRecords?.every(isWholeRecord) === false) return "a record of its code is not valid";
  if (!areDistinct(draft.inputs)) return "two of its inputs have one name";
  if (!areDistinct(draft.outputs)) return "two of its outputs have one name";
  return outputsProblem(draft.outputs) ?? (draft.entry && entryProblem(draft, draft.entry));
}

function entryProblem(draft: ExecutionDraft, entry: CacheEntryDraft): string | undefined {
  if (draft.state !== "COMPLETE") return `it is ${draft.state}, and only a COMPLETE execution may answer look-ups`;
  if (!Number.isFinite(entry.computedAt ?? 0)) return "the time of its entry is not a finite number";
  if (!isDigest(entry.key)) return "the key of its entry is not a digest";
  if (entry.weak !== undefined && !isDigest(entry.weak.key)) return "the weak key of its entry is not a digest";
  if (!entry.reads.every(({ digest }) => isDigest(digest))) return "a read of its entry has no digest";
  const files = entry.effects.map(({ state }) => state);
  return files.every((state) => state.kind !== "file" || isDigest(state.digest))
    ? undefined
    : "a side effect of its entry has no digest";
}

function outputsProblem(outputs: readonly OutputDraft[]): string | undefined {
  for (const output of outputs) {
    if (!("stored" in output)) continue;
    if (output.artifactName !== undefined && !isName(output.artifactName))
      return `the artifact name of \`${output.name}\` is empty or no valid text`;
    const problem = storedProblem(output.stored);
    if (problem !== undefined) return `its output \`${output.name}\` ${problem}`;
  }
  return undefined;
}

/** A value whose root blob is not listed would be called complete while its bytes are gone. */
function storedProblem(stored: StoredValue): string | undefined {
  if (!isName(stored.type.id) || !Number.isInteger(stored.type.version)) return "has no valid type";
  if (!isDigest(stored.digest) || stored.blobs[0]?.digest !== stored.digest) return "does not list its root blob first";
  if (!isSize(stored.size)) return "has no valid size";
  return stored.blobs.every(({ digest, size }) => isDigest(digest) && isSize(size))
    ? undefined
    : "has a blob that is not valid";
}

function isWholeAcceptance({ by, at, code, evidence }: Acceptance): boolean {
  const { compared, adopted, executions } = evidence;
  const digests = executions.flatMap(({ outputs }) => outputs.map(({ digest }) => digest));
  return isName(by) && [at, compared, adopted].every(Number.isFinite) && [code, ...digests].every(isDigest);
}

/** One record is part of many identities, and is looked at once. */
const wholeRecords = new WeakSet<CodeRecord>();

function isWholeRecord(record: CodeRecord): boolean {
  if (wholeRecords.has(record)) return true;
  const { digest, own, name, file = "", line = 1, uses, text = "" } = record;
  const whole =
    [digest, own, ...uses].every(isDigest) &&
    isName(name) &&
    [file, text].every(isValidText) &&
    Number.isSafeInteger(line);
  if (whole) wholeRecords.add(record);
  return whole;
}

function timesAreFinite({ startedAt, endedAt, durationMs, savedMs }: ExecutionDraft): boolean {
  return (
    Number.isFinite(startedAt) && Number.isFinite(endedAt) && Number.isFinite(durationMs) && Number.isFinite(savedMs)
  );
}

function areDistinct(named: readonly { readonly name: string }[]): boolean {
  return named.length < 2 || new Set(named.map(({ name }) => name)).size === named.length;
}

function isName(text: string): boolean {
  return text !== "" && isValidText(text);
}

function isSize(size: number): boolean {
  return Number.isSafeInteger(size) && size >= 0;
}
