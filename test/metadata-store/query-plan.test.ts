import { DatabaseSync } from "node:sqlite";
import { beforeAll, describe, expect, test } from "vitest";
import { artifactListing, executionListing, runListing } from "../../src/metadata-store/backends/sqlite/listing.ts";
import type { Listing } from "../../src/metadata-store/backends/sqlite/listing.ts";
import { FIND_CODE_RECORDS } from "../../src/metadata-store/backends/sqlite/code-rows.ts";
import { LOOKUP } from "../../src/metadata-store/backends/sqlite/cache-rows.ts";
import { openSqliteMetadataStore } from "../../src/metadata-store/backends/sqlite/sqlite-metadata-store.ts";
import { digestOf } from "../../src/encoding/digest.ts";
import type { RunId } from "../../src/model/ids.ts";
import { executionDraft, runDraft, storedValue } from "../../src/testing/metadata-drafts.ts";
import { temporaryFiles } from "./temporary-store.ts";

const temporaryFile = temporaryFiles();
let db: DatabaseSync;

beforeAll(async () => {
  const file = await temporaryFile();
  await using store = await openSqliteMetadataStore({ file });
  const { id } = await store.createRun(runDraft());
  const drafts = Array.from({ length: 10_000 }, (_, n) =>
    executionDraft(id, { step: `step ${n % 100}`, outputs: [{ name: "out", stored: storedValue(`v${n}`) }] }),
  );
  await store.record(drafts);
  db = new DatabaseSync(file);
});

const time = { since: 10, until: 20 };
const digest = digestOf("v1");
const listings: Readonly<Record<string, Listing>> = {
  "runs by pipeline": runListing({ pipeline: "flights" }),
  "runs by state": runListing({ state: "FAILED" }),
  "runs by tag": runListing({ tag: "good" }),
  "runs by time": runListing(time),
  "runs since": runListing({ since: 10 }),
  "runs by all, second page": runListing({ pipeline: "flights", state: "FAILED", tag: "good", ...time, after: 500 }),
  "executions by run": executionListing({ runId: 1 as RunId }),
  "executions by step": executionListing({ step: "step 1" }),
  "executions by step, second page": executionListing({ step: "step 1", after: 5_000 }),
  "executions by state": executionListing({ state: "FAILED" }),
  "executions by pipeline": executionListing({ pipeline: "flights" }),
  "executions by time": executionListing(time),
  "executions until, second page": executionListing({ until: 20, after: 5_000 }),
  "executions by step and node": executionListing({ step: "step 1", nodeId: "train" }),
  "executions by node in a run": executionListing({ runId: 1 as RunId, nodeId: "train" }),
  "executions by step, state and time": executionListing({ step: "step 1", state: "COMPLETE", ...time }),
  "artifacts by name": artifactListing({ name: "late-model" }),
  "artifacts by type": artifactListing({ type: "structured" }),
  "artifacts by state": artifactListing({ state: "DELETED" }),
  "artifacts by tag": artifactListing({ tag: "best" }),
  "artifacts by digest": artifactListing({ digest }),
  "artifacts by step": artifactListing({ step: "step 1" }),
  "artifacts by time": artifactListing(time),
  "artifacts by all": artifactListing({
    name: "m",
    type: "t",
    state: "LIVE",
    tag: "best",
    digest,
    step: "step 1",
    ...time,
    after: 9,
  }),
};

describe("no listing that filters walks a whole table", () => {
  for (const [name, { sql, values }] of Object.entries(listings)) {
    test(name, () => {
      expect(planOf(sql, values)).not.toMatch(/\bSCAN (?:run|execution|artifact|event|tag|step)\b/);
    });
  }
});

test("a listing without a filter walks the newest rows in order, without sorting", () => {
  for (const { sql, values } of [runListing({}), executionListing({}), artifactListing({ after: 9 })]) {
    expect(planOf(sql, values)).not.toContain("TEMP B-TREE");
  }
});

test("a look-up is one probe of each primary key, without sorting", () => {
  const plan = planOf(LOOKUP, [new Uint8Array(32)]);
  expect(plan).toContain("SEARCH cache_entry USING PRIMARY KEY (key=?)");
  expect(plan).toContain("SEARCH path_set USING PRIMARY KEY (weak_key=?)");
  expect(plan).not.toMatch(/TEMP B-TREE|SCAN (?:cache_entry|path_set|question_list)/);
});

test("pieces of code are one probe each", () => {
  const plan = planOf(FIND_CODE_RECORDS, ["[]"]);
  expect(plan).toContain("SEARCH code_record USING PRIMARY KEY (digest=?)");
  expect(plan).not.toMatch(/SCAN code_/);
});

function planOf(sql: string, values: Listing["values"]): string {
  const rows = db.prepare(`EXPLAIN QUERY PLAN ${sql}`).all(...values);
  return rows.map((row) => String(row["detail"])).join("\n");
}
