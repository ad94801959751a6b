import type { Digest } from "../encoding/digest.ts";
import type { MetadataStore } from "../metadata-store/metadata-store.ts";
import { codeKey } from "../model/code-key.ts";
import type { CodeRecord } from "../model/code-record.ts";
import type { ExecutionEvent, ExecutionRecord } from "../model/execution.ts";
import type { ArtifactId, ExecutionId } from "../model/ids.ts";
import { diffLines, diffText } from "../util/line-diff.ts";
import { describeCodeChange } from "./code-change.ts";
import type { CodeChange } from "./code-change.ts";
import type { LeafDifference } from "./code-comparisons.ts";
import { describeDifference, withPackageBumps } from "./describe-difference.ts";
import { findMentions } from "./find-mentions.ts";

/** One leaf that differs, as it is shown and handed out. */
export interface ExplainedDifference {
  /** The leaf: `config/rounds`, `code/file:project:src/x.ts`, `code/package:zod`. */
  readonly path: string;
  readonly kind: "added" | "removed" | "changed";
  /** For people: `rounds: 100 → 200`. Several pieces of code are joined by semicolons. */
  readonly text: string;
  /** Short texts of the values, where there are any. */
  readonly before?: string;
  readonly after?: string;
  /** The pieces of code behind the leaf, where they are recorded. */
  readonly code?: readonly ExplainedCode[];
  /** For an input: who made what is there now. */
  readonly madeBy?: MadeBy;
  /** For a variable: where the step's code names it, as far as its code is recorded. */
  readonly readAt?: readonly string[];
}

export interface ExplainedCode {
  readonly kind: CodeChange["kind"];
  readonly text: string;
  readonly before?: CodePlace;
  readonly after?: CodePlace;
  /** Names from the step's function down to the piece. */
  readonly via: readonly string[];
  /** What became of its text: lines that begin with `  `, `- ` or `+ `, `…` for what is between. */
  readonly diff: readonly string[];
}

export interface CodePlace {
  readonly name: string;
  /** Rooted: `project:src/dates.ts`. */
  readonly file?: string;
  readonly line?: number;
}

/** The execution that had an artifact as its output. */
export interface MadeBy {
  readonly execution: ExecutionId;
  readonly run: number;
  readonly node: string;
  readonly step: string;
  readonly state: ExecutionRecord["state"];
  /** Why that one was computed or reused. */
  readonly reason: string;
}

/** What the differences are of. */
export interface ExplainedKey {
  readonly inputs: readonly ExecutionEvent[];
  readonly codeIdentity?: Digest;
  /** Only executions before this one made anything of it. */
  readonly before?: ExecutionId;
}

/** Every difference in words and with what is known about it: pieces of code with their diff, who made an input, where a variable is read. */
export async function explainDifferences(
  differences: readonly LeafDifference[],
  key: ExplainedKey,
  metadata: MetadataStore,
): Promise<readonly ExplainedDifference[]> {
  const merged = withPackageBumps(differences);
  const names = merged.flatMap(({ path: [head, name] }) => (head === "env" && name !== undefined ? [name] : []));
  const mentions = await mentionsOf(names, key, metadata);
  const all: ExplainedDifference[] = [];
  for (const difference of merged) {
    const { path, kind, before, after, code } = difference;
    const [head, ...rest] = path;
    if (code?.length === 0) continue;
    const madeBy = head === "inputs" ? await producerOf(rest.join("/"), key, metadata) : undefined;
    const readAt = head === "env" ? mentions.get(rest.join("/")) : undefined;
    all.push({
      path: path.join("/"),
      kind,
      text: describeDifference(difference).join("; "),
      ...(before?.shown === undefined ? {} : { before: before.shown }),
      ...(after?.shown === undefined ? {} : { after: after.shown }),
      ...(code === undefined ? {} : { code: code.map(explainCode) }),
      ...(madeBy === undefined ? {} : { madeBy }),
      ...(readAt === undefined ? {} : { readAt }),
    });
  }
  return all;
}

function explainCode(change: CodeChange): ExplainedCode {
  const { kind, before, after, via } = change;
  const diff = diffLines(before?.text ?? "", after?.text ?? "").map(diffText);
  return {
    kind,
    text: describeCodeChange(change),
    ...(before === undefined ? {} : { before: placeOf(before) }),
    ...(after === undefined ? {} : { after: placeOf(after) }),
    via,
    diff: kind === "changed" ? diff : [],
  };
}

function placeOf({ name, file, line }: CodeRecord): CodePlace {
  return { name, ...(file === undefined ? {} : { file }), ...(line === undefined ? {} : { line }) };
}

/** The newest one before the execution is the one of its own run, where there is one. */
async function producerOf(
  label: string,
  { inputs, before }: ExplainedKey,
  metadata: MetadataStore,
): Promise<MadeBy | undefined> {
  const input = inputs.find(({ name }) => name === label);
  const id = input && (await newestProducer(input.artifactId, before, metadata));
  const made = id && (await metadata.execution(id));
  if (made === undefined) return undefined;
  const { runId, nodeId, step, state, reason } = made;
  return { execution: made.id, run: runId, node: nodeId, step, state, reason: reason.text };
}

async function newestProducer(
  artifact: ArtifactId,
  before: ExecutionId | undefined,
  metadata: MetadataStore,
): Promise<ExecutionId | undefined> {
  const { producers } = await metadata.artifactUses(artifact);
  return producers.findLast((id) => before === undefined || id < before);
}

async function mentionsOf(
  names: readonly string[],
  { codeIdentity }: ExplainedKey,
  metadata: MetadataStore,
): Promise<ReadonlyMap<string, readonly string[]>> {
  const tree =
    names.length === 0 || codeIdentity === undefined ? undefined : await metadata.keyTree(codeKey(codeIdentity));
  if (tree === undefined) return new Map();
  const roots = tree.leaves.map(({ digest }) => digest);
  return findMentions(names, roots, (digests) => metadata.codeRecords(digests));
}
