import { DatabaseSync } from "node:sqlite";
import { Repository } from "warmstart";
import { openSqliteMetadataStore } from "../../src/metadata-store/backends/sqlite/sqlite-metadata-store.ts";
import { digestOf } from "../../src/encoding/digest.ts";
import { keyOf, keyTree } from "../../src/encoding/key-tree.ts";
import { codeRecord, executionDraft, runDraft, runEnd, storedValue } from "../../src/testing/metadata-drafts.ts";
import type { CodeRecord } from "../../src/model/code-record.ts";
import type { ExecutionDraft } from "../../src/model/execution.ts";
import type { RunId } from "../../src/model/ids.ts";
import type { Bench, Benchmark } from "./harness/bench.ts";
import { Project } from "./harness/project.ts";

const RUNS = 1000;
const NODES = 100;
const PIECES = 2000;

export const benchmark: Benchmark = {
  name: "explain-history",
  about: `Why a step was computed, and two runs compared, in a repository of ${RUNS * NODES} executions; an edit below ${PIECES} pieces of code.`,
  async run(bench) {
    using project = new Project({});
    await (await Repository.open({ from: project.root }))[Symbol.asyncDispose]();
    const file = project.path(".warmstart", "metadata.sqlite");
    await fill(file);
    await using repository = await Repository.open({ from: project.root });
    const { queries } = repository;
    const [execution] = (await queries.executions({ limit: 1 })).items;
    const [after, before] = (await queries.runs({ limit: 2 })).items;
    if (execution === undefined || before === undefined || after === undefined) throw new Error("nothing was recorded");
    const { differences } = await queries.explain(execution);
    if (!differences.some(({ code }) => code?.length === 1)) throw new Error("the edit was not found");
    using database = new DatabaseSync(file, { readOnly: true });
    await measure(bench, database, "explain one recorded miss, an edit deep down", async () => {
      await using fresh = await Repository.open({ from: project.root });
      await fresh.queries.explain(execution);
    });
    await measure(bench, database, `compare two runs of ${NODES} nodes`, async () => {
      await queries.diff(before.id, after.id);
    });
  },
};

async function measure(bench: Bench, database: DatabaseSync, what: string, ours: () => Promise<void>): Promise<void> {
  const read = database.prepare("SELECT * FROM execution ORDER BY id DESC LIMIT 40");
  await bench.compare({
    what,
    rounds: 9,
    ours,
    floor: { name: "40 rows read", run: () => void read.all() },
    budget: { kind: "at-most", limit: 50 },
  });
}

/** A thousand runs of a hundred nodes; in the last one, code far down was edited. */
async function fill(file: string): Promise<void> {
  await using store = await openSqliteMetadataStore({ file });
  const [before, after] = [layers("before"), layers("after")];
  for (let run = 1; run <= RUNS; run++) {
    const { id } = await store.createRun(runDraft({ startedAt: run * 1000 }));
    const code = run === RUNS ? after : before;
    await store.record(Array.from({ length: NODES }, (_, node) => draft(id, run, node, code)));
    await store.finishRun(id, runEnd());
  }
}

function draft(runId: RunId, run: number, node: number, code: readonly CodeRecord[]): ExecutionDraft {
  const root = code.at(-1)?.digest ?? digestOf("");
  const rounds = String(node === NODES - 1 ? run % 7 : run);
  const tree = keyTree([
    { path: ["code"], digest: digestOf(`identity ${root}`) },
    { path: ["config", "rounds"], digest: digestOf(rounds), shown: rounds },
    { path: ["config", "node"], digest: digestOf(`node ${node}`), shown: String(node) },
  ]);
  return executionDraft(runId, {
    nodeId: `train-${node}`,
    startedAt: run * 1000 + 1,
    endedAt: run * 1000 + 2,
    key: keyOf(tree),
    tree,
    codeIdentity: digestOf(`identity ${root}`),
    codeTree: keyTree([{ path: ["code", "function"], digest: root }]),
    codeRecords: code,
    reason: { kind: "changed", text: "rounds" },
    outputs: [{ name: "output", stored: storedValue(`${node} ${rounds}`) }],
  });
}

/** Twenty layers of pieces that share what is below them; the root is the last one. */
function layers(edit: string): readonly CodeRecord[] {
  const all: CodeRecord[] = [];
  let below: readonly CodeRecord[] = [];
  for (let layer = 0; layer < 20; layer++) {
    const text = (n: number): string => (layer === 0 && n === 0 ? edit : `function f${layer}_${n}() {}\n`.repeat(10));
    const uses = (n: number): readonly CodeRecord[] => [below[n], below[(n * 7) % 100]].flatMap((one) => one ?? []);
    below = Array.from({ length: PIECES / 20 }, (_, n) => codeRecord(`f${layer}_${n}`, text(n), uses(n)));
    all.push(...below);
  }
  return [...all, codeRecord("train", "train", below)];
}
