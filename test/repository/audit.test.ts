import { mkdtempSync, realpathSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { pipeline } from "../../src/pipeline/pipeline.ts";
import { step } from "../../src/pipeline/step.ts";
import { sampled } from "../../src/repository/audit-sample.ts";
import { Repository } from "../../src/repository/repository.ts";

let calls = 0;
const steady = step("steady", ({ n }: { n: number }) => n * 2);
function folder(): string {
  const made = realpathSync(mkdtempSync(path.join(tmpdir(), "warmstart-audit-")));
  onTestFinished(() => rmSync(made, { recursive: true, force: true }));
  return made;
}

const state = step("state", ({ n }: { n: number }) => ({ n, calls: ++calls }));
const audited = pipeline("audited", ({ n = 1 }: { n?: number }) => ({ a: steady({ n }), b: state({ n }) }));

test("from code, in memory and in-process: what a module remembers is found", async () => {
  await using repository = await Repository.open({ from: folder(), memory: true });
  await repository.run(audited, { n: 3 }, { trust: ["in-process", "code"] });
  const seen: string[] = [];
  const report = await repository.audit(audited, undefined, { observer: ({ node }) => seen.push(node) });
  expect(report.steps.map(({ node, verdict }) => [node, verdict])).toEqual([
    ["steady", "same"],
    ["state", "different"],
  ]);
  expect(seen.toSorted()).toEqual(["state", "steady"]);
  expect(report.steps[1]?.outputs[0]?.differences).toEqual([{ path: "calls", before: "1", after: "2" }]);
  expect((await repository.queries.runs()).items).toHaveLength(1);
});

test("a pipeline that never ran has nothing to audit", async () => {
  await using repository = await Repository.open({ from: folder(), memory: true });
  const { counts } = await repository.audit(audited);
  expect(counts).toEqual({ same: 0, different: 0, failed: 0, skipped: 2, notSampled: 0 });
});

test("an audit can be ended", async () => {
  await using repository = await Repository.open({ from: folder(), memory: true });
  await repository.run(audited, { n: 3 });
  await expect(repository.audit(audited, undefined, { signal: AbortSignal.abort() })).rejects.toMatchObject({
    code: "WS_ABORTED",
  });
});

test("a sample holds at least one, keeps the order, and depends on seed and names alone", () => {
  const all = Array.from({ length: 100 }, (_, index) => `n${index}`);
  const pick = (sample: number | `${number}%` | undefined, seed: number): readonly string[] =>
    sampled(all, sample, seed, (name) => name);
  expect(pick(undefined, 1)).toEqual(all);
  expect(pick("0.1%", 1)).toHaveLength(1);
  expect(pick("12.5%", 1)).toHaveLength(13);
  expect(pick(7, 1)).toEqual(pick(7, 1));
  expect(pick(7, 1)).not.toEqual(pick(7, 2));
  expect(pick(1000, 1)).toEqual(all);
  expect(pick(50, 1).toSorted((a, b) => all.indexOf(a) - all.indexOf(b))).toEqual(pick(50, 1));
  for (const bad of [0, 1.5, -1, "0%", "101%", "x%"] as never[])
    expect(() => pick(bad, 1)).toThrow(expect.objectContaining({ code: "WS_USAGE" }) as Error);
  expect(sampled([], "1%", 1, String)).toEqual([]);
});
