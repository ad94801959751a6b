import fc from "fast-check";
import { expect, test } from "vitest";
import { digestOf } from "../../src/encoding/digest.ts";
import { WarmstartError } from "../../src/errors.ts";
import { openMemoryMetadataStore } from "../../src/metadata-store/backends/memory/memory-metadata-store.ts";
import { openSqliteMetadataStore } from "../../src/metadata-store/backends/sqlite/sqlite-metadata-store.ts";
import type { MetadataStore } from "../../src/metadata-store/metadata-store.ts";
import type { ExecutionDraft, OutputDraft } from "../../src/model/execution.ts";
import type { ArtifactId, ExecutionId, RunId } from "../../src/model/ids.ts";
import {
  codeRecord,
  entryDraft,
  executionDraft,
  keyFor,
  pathSet,
  runDraft,
  runEnd,
  storedValue,
  treeFor,
} from "../../src/testing/metadata-drafts.ts";
import { temporaryFiles } from "./temporary-store.ts";

const temporaryFile = temporaryFiles();

/** One call on a store; its answer, or the code with which it was refused. */
type Operation = (store: MetadataStore) => Promise<unknown>;

/** Mostly ids that will exist, and now and then one that never does. */
const id = fc.oneof(
  { weight: 40, arbitrary: fc.integer({ min: 1, max: 4 }) },
  { weight: 1, arbitrary: fc.constant(10_000) },
);
const runId = id as fc.Arbitrary<RunId>;
const artifactId = id as fc.Arbitrary<ArtifactId>;
const executionId = fc.integer({ min: 1, max: 12 }) as unknown as fc.Arbitrary<ExecutionId>;
const word = fc.constantFrom("a", "b", "c");
const name = fc.constantFrom("late-model", "early-model");
const moment = fc.integer({ min: 0, max: 9 });
const metric = fc.oneof(fc.double(), fc.integer());
const artifactState = fc.constantFrom("LIVE" as const, "MARKED_FOR_DELETION" as const, "DELETED" as const);
const executionState = fc.constantFrom("COMPLETE" as const, "FAILED" as const, "CACHED" as const);
const optional = <T>(values: fc.Arbitrary<T>): fc.Arbitrary<T | undefined> => fc.option(values, { nil: undefined });

const output: fc.Arbitrary<OutputDraft> = fc.oneof(
  fc.record({ name: word, artifactId }),
  fc.record({ name: word, stored: word.map((text) => storedValue(text)) }),
  fc.record({ name: word, stored: word.map((text) => storedValue(text)), artifactName: name }),
);

const draft: fc.Arbitrary<ExecutionDraft> = fc
  .record({
    runId,
    step: word,
    state: executionState,
    key: word,
    code: optional(word),
    pieces: fc.uniqueArray(fc.tuple(word, word, optional(word)), { maxLength: 3 }),
    weak: optional(fc.tuple(word, fc.uniqueArray(word))),
    answers: fc.boolean(),
    retiresOlder: fc.boolean(),
    outputs: fc.uniqueArray(output, { maxLength: 2, selector: (one) => one.name }),
    inputs: fc.uniqueArray(artifactId, { maxLength: 2 }),
    metrics: fc.dictionary(word, metric, { maxKeys: 2 }),
    at: moment,
    durationMs: fc.integer({ min: 0, max: 1_000 }),
  })
  .map(({ key, code, pieces, weak, answers, retiresOlder, inputs, at, ...rest }) => {
    const weakPart = weak === undefined ? {} : { weak: { key: keyFor(weak[0]), pathSet: pathSet(...weak[1]) } };
    return executionDraft(rest.runId, {
      ...rest,
      nodeId: rest.step,
      key: keyFor(key),
      tree: treeFor(key),
      startedAt: at,
      endedAt: at,
      inputs: inputs.map((input) => ({ name: `input ${input}`, artifactId: input })),
      codeRecords: pieces.map(([piece, own, text]) => {
        const { text: _, ...record } = { ...codeRecord(piece, piece), own: digestOf(own) };
        return { ...record, name: `${piece} of ${own}`, ...(text === undefined ? {} : { text }) };
      }),
      ...(code === undefined ? {} : { codeIdentity: digestOf(code) }),
      ...(answers && rest.state === "COMPLETE"
        ? { entry: entryDraft(keyFor(key), { ...weakPart, retiresOlder }) }
        : {}),
    });
  });

const target = fc.oneof(fc.record({ runId }), fc.record({ artifactId }));
const change = fc.record(
  {
    addTags: fc.array(word),
    removeTags: fc.array(word),
    note: fc.option(word),
    properties: fc.dictionary(word, fc.option(word)),
  },
  { requiredKeys: [] },
);
const paging = {
  limit: fc.integer({ min: 1, max: 3 }),
  after: fc.integer({ min: 1, max: 12 }),
  since: moment,
  until: moment,
};
const runQuery = fc.record(
  { pipeline: word, state: fc.constantFrom("RUNNING" as const, "FAILED" as const), tag: word, ...paging },
  { requiredKeys: [] },
);
const executionQuery = fc.record(
  { runId, step: word, nodeId: word, state: executionState, pipeline: word, ...paging },
  { requiredKeys: [] },
);
const artifactQuery = fc.record(
  {
    name,
    type: fc.constant("structured"),
    state: artifactState,
    tag: word,
    digest: word.map(digestOf),
    step: word,
    ...paging,
  },
  { requiredKeys: [] },
);

const operation: fc.Arbitrary<Operation> = fc.oneof(
  {
    weight: 8,
    arbitrary: fc.array(draft, { maxLength: 4 }).map(
      (drafts): Operation =>
        (store) =>
          store.record(drafts),
    ),
  },
  {
    weight: 3,
    arbitrary: fc.tuple(word, moment).map(
      ([pipeline, startedAt]): Operation =>
        (store) =>
          store.createRun(runDraft({ pipeline, startedAt })),
    ),
  },
  runId.map(
    (run): Operation =>
      (store) =>
        store.finishRun(run, runEnd({ state: "FAILED" })),
  ),
  fc.array(executionId, { maxLength: 2 }).map(
    (ids): Operation =>
      (store) =>
        store.retire(ids),
  ),
  {
    weight: 2,
    arbitrary: fc.tuple(fc.array(artifactId), artifactState).map(
      ([ids, state]): Operation =>
        (store) =>
          store.setArtifactState(ids, state),
    ),
  },
  fc.tuple(target, change).map(
    ([what, how]): Operation =>
      (store) =>
        store.annotate(what, how),
  ),
  runQuery.map(
    (query): Operation =>
      (store) =>
        store.runs(query),
  ),
  executionQuery.map(
    (query): Operation =>
      (store) =>
        store.executions(query),
  ),
  artifactQuery.map(
    (query): Operation =>
      (store) =>
        store.artifacts(query),
  ),
  fc.tuple(name, optional(fc.oneof(id, word.map(digestOf)))).map(
    ([what, version]): Operation =>
      (store) =>
        store.namedArtifact(what, version),
  ),
  artifactId.map(
    (artifact): Operation =>
      (store) =>
        store.artifactUses(artifact),
  ),
);

const words = ["a", "b", "c", "unknown"];
const observations: readonly Operation[] = [
  (store) => store.lookup(words.map(keyFor)),
  (store) => Promise.all(words.map((text) => store.keyTree(keyFor(text)))),
  (store) => store.codeRecords(words.map((text) => codeRecord(text, text).digest)),
  (store) => store.codeIdentities(),
  (store) => store.codeIdentities("a"),
  (store) => store.pipelines(),
  (store) => store.stepNames(),
  async (store) => [...(await store.typicalDurations(words))],
  (store) => store.executions({ limit: 1_000 }),
  (store) => store.artifacts({ limit: 1_000 }),
  (store) => store.runs({ limit: 1_000 }),
];

test("SQLite and memory answer every sequence of calls alike", { timeout: 120_000 }, async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(operation, { minLength: 5, maxLength: 30 }), async (operations) => {
      let now = 0;
      const clock = { now: () => Math.floor(now), monotonic: () => 0 };
      await using memory = openMemoryMetadataStore({ clock });
      await using sqlite = await openSqliteMetadataStore({ file: await temporaryFile(), clock });
      for (const store of [memory, sqlite]) await prepare(store);
      for (const call of [...operations, ...observations]) {
        now += 0.3;
        expect(await outcome(call, sqlite)).toEqual(await outcome(call, memory));
      }
    }),
    { numRuns: 150 },
  );
});

/** Runs and artifacts for the ids that operations mostly name; without them nearly every batch would be refused. */
async function prepare(store: MetadataStore): Promise<void> {
  const runs = [];
  for (const pipeline of ["a", "b", "a", "c"]) runs.push(await store.createRun(runDraft({ pipeline })));
  const outputs = runs.map(({ id: number }) => ({ name: `out ${number}`, stored: storedValue(`first ${number}`) }));
  await store.record([executionDraft(1 as RunId, { outputs })]);
}

async function outcome(call: Operation, store: MetadataStore): Promise<unknown> {
  try {
    return await call(store);
  } catch (error) {
    if (error instanceof WarmstartError) return { refused: error.code, message: error.message };
    throw error;
  }
}
