import type { ExecutionDraft, OutputDraft, RecordedExecution } from "../../../model/execution.ts";
import type { ArtifactRecord } from "../../../model/artifact.ts";
import type { ArtifactId, ExecutionId, RunId } from "../../../model/ids.ts";
import { encodeKeyTree } from "../../../encoding/key-tree.ts";
import type { CacheKey, KeyTree } from "../../../encoding/key-tree.ts";
import { codeKey } from "../../../model/code-key.ts";
import { notFound } from "../../store-error.ts";
import { INPUT, OUTPUT, requireArtifact, storeArtifact } from "./artifact-rows.ts";
import { insertCodeRecords } from "./code-rows.ts";
import { insertEntry } from "./cache-rows.ts";
import { insertExecution } from "./execution-rows.ts";
import type { RecordMemo } from "./record-memo.ts";
import { keyBytes, numberOf } from "./row-values.ts";
import type { SqliteConnection } from "./sqlite-connection.ts";

const FIND_RUN = "SELECT 1 FROM run WHERE id = ?";
const FIND_ARTIFACT = "SELECT 1 FROM artifact WHERE id = ?";
const FIND_STEP = "SELECT id FROM step WHERE name = ?";
const INSERT_STEP = "INSERT INTO step (name) VALUES (?)";
const FIND_CODE = "SELECT id FROM code_identity WHERE step_id = ? AND digest = ?";
const INSERT_CODE = `INSERT INTO code_identity (step_id, digest, first_used_at, last_used_at, executions)
  VALUES (?, ?, ?, ?, 0)`;
const USE_CODE = `UPDATE code_identity SET executions = executions + ?2,
  first_used_at = min(first_used_at, ?3), last_used_at = max(last_used_at, ?4) WHERE id = ?1`;
const FIND_TREE = "SELECT 1 FROM key_tree WHERE key = ?";
const INSERT_TREE = "INSERT INTO key_tree (key, tree) VALUES (?, ?)";
const INSERT_PRODUCER = "INSERT OR IGNORE INTO artifact_step (step_id, artifact_id) VALUES (?, ?)";

/** Executions of one code identity in one batch, counted together. */
interface CodeUse {
  count: number;
  first: number;
  last: number;
}

/**
 * Writes a batch of executions inside a transaction that the caller holds.
 *
 * @throws MetadataError WS_NOT_FOUND for a run or an artifact that does not exist; the caller rolls back.
 */
export class RecordBatch {
  readonly #db: SqliteConnection;
  readonly #memo: RecordMemo;
  readonly #now: number;
  readonly #codeUses = new Map<number, CodeUse>();

  constructor(db: SqliteConnection, memo: RecordMemo, now: number) {
    this.#db = db;
    this.#memo = memo;
    this.#now = now;
  }

  record(drafts: readonly ExecutionDraft[]): readonly RecordedExecution[] {
    for (const draft of drafts) this.#requireReferences(draft);
    const recorded = drafts.map((draft) => this.#recordOne(draft));
    for (const [id, { count, first, last }] of this.#codeUses) this.#db.change(USE_CODE, id, count, first, last);
    return recorded;
  }

  #recordOne(draft: ExecutionDraft): RecordedExecution {
    const outputs = draft.outputs.map((output) => ({ name: output.name, artifact: this.#outputOf(output) }));
    const stepId = this.#stepId(draft.step);
    const id = insertExecution(this.#db, draft, { stepId, codeId: this.#codeId(stepId, draft), outputs });
    this.#insertEvents(id, draft, outputs);
    this.#insertProducers(stepId, outputs);
    this.#insertTrees(draft);
    insertCodeRecords(this.#db, draft.codeRecords ?? [], this.#memo.codeRecords);
    insertEntry(this.#db, id, draft, outputs);
    return { id, outputs };
  }

  /** Asked before anything is written: a draft refers to what was there before its batch, never to a guessed id. */
  #requireReferences({ runId, inputs, outputs }: ExecutionDraft): void {
    this.#requireRun(runId);
    for (const { artifactId } of inputs) this.#requireArtifact(artifactId);
    for (const output of outputs) if ("artifactId" in output) this.#requireArtifact(output.artifactId);
  }

  #requireRun(id: RunId): void {
    if (this.#memo.runs.has(id)) return;
    if (this.#db.row(FIND_RUN, id) === undefined) throw notFound("run", id);
    this.#memo.runs.add(id);
  }

  #requireArtifact(id: ArtifactId): void {
    if (this.#memo.artifacts.has(id)) return;
    if (this.#db.row(FIND_ARTIFACT, id) === undefined) throw notFound("artifact", id);
    this.#memo.artifacts.add(id);
  }

  #outputOf(output: OutputDraft): ArtifactRecord {
    if ("artifactId" in output) return requireArtifact(this.#db, output.artifactId);
    return storeArtifact(this.#db, output.stored, output.artifactName, this.#now);
  }

  #stepId(name: string): number {
    const known = this.#memo.steps.get(name);
    if (known !== undefined) return known;
    const row = this.#db.row(FIND_STEP, name);
    const id = row === undefined ? this.#db.insert(INSERT_STEP, name) : numberOf(row[0]);
    this.#memo.steps.set(name, id);
    return id;
  }

  #codeId(stepId: number, { codeIdentity, startedAt }: ExecutionDraft): number | null {
    if (codeIdentity === undefined) return null;
    const memoKey = `${stepId}/${codeIdentity}`;
    const id = this.#memo.codeIdentities.get(memoKey) ?? this.#findOrInsertCode(stepId, codeIdentity, startedAt);
    this.#memo.codeIdentities.set(memoKey, id);
    const use = this.#codeUses.get(id);
    if (use === undefined) this.#codeUses.set(id, { count: 1, first: startedAt, last: startedAt });
    else {
      use.count++;
      use.first = Math.min(use.first, startedAt);
      use.last = Math.max(use.last, startedAt);
    }
    return id;
  }

  #findOrInsertCode(stepId: number, digest: string, at: number): number {
    const bytes = keyBytes(digest);
    const row = this.#db.row(FIND_CODE, stepId, bytes);
    return row === undefined ? this.#db.insert(INSERT_CODE, stepId, bytes, at, at) : numberOf(row[0]);
  }

  /** All links of an execution in one statement: a call costs as much as a row. */
  #insertEvents(id: ExecutionId, { inputs }: ExecutionDraft, outputs: RecordedExecution["outputs"]): void {
    const values: number[] = [];
    for (const { artifactId } of inputs) values.push(artifactId, INPUT, id);
    for (const { artifact } of outputs) values.push(artifact.id, OUTPUT, id);
    for (let at = 0; at < values.length; at += MAX_EVENT_VALUES) {
      const some = values.slice(at, at + MAX_EVENT_VALUES);
      this.#db.change(insertEventsSql(some.length / 3), ...some);
    }
  }

  #insertProducers(stepId: number, outputs: RecordedExecution["outputs"]): void {
    for (const { artifact } of outputs) {
      const memoKey = `${stepId}/${artifact.id}`;
      if (this.#memo.producers.has(memoKey)) continue;
      this.#db.change(INSERT_PRODUCER, stepId, artifact.id);
      this.#memo.producers.add(memoKey);
    }
  }

  #insertTrees({ key, tree, entry, codeIdentity, codeTree }: ExecutionDraft): void {
    if (codeTree !== undefined && codeIdentity !== undefined) this.#insertTree(codeKey(codeIdentity), codeTree);
    if (key === undefined || tree === undefined) return;
    this.#insertTree(key, tree);
    // Under the weak key the first tree stays; the tree with this execution's own reads is found by the strong key.
    if (entry !== undefined && entry.key !== key) this.#insertTree(entry.key, tree);
  }

  #insertTree(key: CacheKey, tree: KeyTree): void {
    const bytes = keyBytes(key);
    if (this.#db.row(FIND_TREE, bytes) === undefined) this.#db.change(INSERT_TREE, bytes, encodeKeyTree(tree));
  }
}

const MAX_EVENT_VALUES = 3 * 16;

function insertEventsSql(rows: number): string {
  const known = eventStatements[rows];
  if (known !== undefined) return known;
  const made = `INSERT OR IGNORE INTO event (artifact_id, kind, execution_id) VALUES ${Array(rows).fill("(?, ?, ?)").join(", ")}`;
  eventStatements[rows] = made;
  return made;
}

const eventStatements: string[] = [];
