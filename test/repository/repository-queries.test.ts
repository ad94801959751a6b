import { describe, expect, test } from "vitest";
import { pipeline } from "../../src/pipeline/pipeline.ts";
import { step } from "../../src/pipeline/step.ts";
import { value } from "../../src/pipeline/value.ts";
import type { ExecutionRecord } from "../../src/model/execution.ts";
import type { ArtifactId, ExecutionId, RunId } from "../../src/model/ids.ts";
import { Repository } from "../../src/repository/repository.ts";
import { TestProject } from "../rig/project.ts";

const square = step("square", { code: { version: "1" } }, ({ n }: { n: number }) => n * n);
const sum = step(
  "sum",
  { code: { version: "1" }, output: value<number>({ name: "total" }) },
  ({ all }: { all: readonly number[] }) => all.reduce((a, b) => a + b, 0),
);
const many = pipeline("many", ({ count }: { count: number }) => ({
  total: sum({ all: Array.from({ length: count }, (_, n) => square({ n })) }),
}));

/** In memory, where steps run in this process and are trusted to be what they look like. */
async function open(project: TestProject): Promise<Repository> {
  return Repository.open({ from: project.folder, memory: true, config: { trust: ["in-process", "code"] } });
}

describe("queries", () => {
  test("page through 1,201 executions, newest first, each once", async () => {
    using project = new TestProject({});
    await using repository = await open(project);
    const { id } = await repository.run(many, { count: 1200 });
    const { queries } = repository;
    const seen: ExecutionRecord[] = [];
    let after: number | undefined;
    do {
      const page = await queries.executions({ runId: id, limit: 250, ...(after === undefined ? {} : { after }) });
      seen.push(...page.items);
      after = page.next;
    } while (after !== undefined);
    expect(seen.length).toBe(1201);
    expect(new Set(seen.map((execution) => execution.id)).size).toBe(1201);
    expect(seen.map((execution) => execution.id)).toEqual(
      seen.map((execution) => execution.id).toSorted((a, b) => b - a),
    );
    expect((await queries.executionsOf(id)).map((execution) => execution.id)).toEqual(
      seen.map((execution) => execution.id).toReversed(),
    );
    expect((await queries.executions({ step: "sum" })).items.length).toBe(1);
    expect((await queries.executions({ state: "FAILED" })).items).toEqual([]);
    expect((await queries.executions({ nodeId: "square-7" })).items.length).toBe(1);
    expect(await queries.stepNames()).toEqual(["square", "sum"]);
  });

  test("tags, notes and properties stay with runs and artifacts, and find them", async () => {
    using project = new TestProject({});
    await using repository = await open(project);
    const { queries } = repository;
    const first = await repository.run(many, { count: 2 });
    await repository.run(many, { count: 3 });
    const { artifact } = first.outputs.total;
    const change = { addTags: ["good"], note: "keep", properties: { loss: 0.5, final: true } };
    for (const target of [{ runId: first.id }, { artifactId: artifact.id }]) {
      await queries.annotate(target, change);
      await queries.annotate(target, { addTags: ["best"], removeTags: ["none"], properties: { loss: null } });
      expect(await queries.annotations(target)).toEqual({
        tags: ["best", "good"],
        note: "keep",
        properties: { final: true },
      });
    }
    expect((await queries.runs({ tag: "good" })).items.map(({ id }) => id)).toEqual([first.id]);
    expect((await queries.artifacts({ tag: "best" })).items.map(({ id }) => id)).toEqual([artifact.id]);
  });

  test("the latest of a name, a version, a digest, and what is unknown", async () => {
    using project = new TestProject({});
    await using repository = await open(project);
    const { queries } = repository;
    const [one, two] = [await repository.run(many, { count: 2 }), await repository.run(many, { count: 4 })];
    expect((await queries.artifact("total")).id).toBe(two.outputs.total.artifact.id);
    expect((await queries.artifact("total@latest")).version).toBe(2);
    expect((await queries.artifact("total@1")).id).toBe(one.outputs.total.artifact.id);
    expect((await queries.artifact(`total@sha256:${one.outputs.total.digest}`)).version).toBe(1);
    await expect(queries.artifact("total@9")).rejects.toMatchObject({ code: "WS_BAD_REFERENCE" });
    await expect(queries.artifact("totl")).rejects.toMatchObject({ hint: "Did you mean total?" });
    await expect(queries.artifact(999 as ArtifactId)).rejects.toMatchObject({ code: "WS_NOT_FOUND" });
    await expect(queries.execution(999 as ExecutionId)).rejects.toMatchObject({ code: "WS_NOT_FOUND" });
    await expect(queries.run(999 as RunId)).rejects.toMatchObject({ code: "WS_NOT_FOUND" });
  });

  test("a hit is explained by its origin, a miss by every leaf that differs", async () => {
    using project = new TestProject({});
    await using repository = await open(project);
    const { queries } = repository;
    const one = await repository.run(many, { count: 1 });
    const again = await repository.run(many, { count: 1 });
    const more = await repository.run(many, { count: 2 });
    const of = async (id: RunId, node: string): ReturnType<typeof queries.explain> => {
      const found = (await queries.executionsOf(id)).find(({ nodeId }) => nodeId === node);
      return queries.explain(found as ExecutionRecord);
    };
    expect(await of(one.id, "square")).toMatchObject({ text: "first time", differences: [], origin: undefined });
    const hit = await of(again.id, "square");
    expect(hit).toMatchObject({ origin: { runId: one.id, state: "COMPLETE" }, nearest: undefined, differences: [] });
    const miss = await of(more.id, "square-2");
    expect(miss.text).toBe("n: 0 → 1");
    expect(miss.differences).toEqual([
      { path: "config/n", kind: "changed", text: "n: 0 → 1", before: "0", after: "1" },
    ]);
    expect(miss.nearest?.step).toBe("square");
  });
});

test("code identities of a step across edits, newest use first", async () => {
  using project = new TestProject({
    "look.ts": `import { Repository } from "warmstart";
      await using repository = await Repository.open();
      console.log(JSON.stringify(await repository.queries.codeIdentities("work")));`,
  });
  const write = (body: string): void =>
    project.write({
      "pipeline.ts": `import { pipeline, step } from "warmstart";
        const work = step("work", () => ${body});
        export default pipeline("p", () => ({ a: work() }));`,
    });
  for (const body of ["1", "2", "1"]) {
    write(body);
    await project.drive();
  }
  const { stdout } = await project.node(["look.ts"]);
  const uses = JSON.parse(stdout) as readonly { readonly digest: string; readonly executions: number }[];
  expect(uses.map(({ executions }) => executions)).toEqual([2, 1]);
  expect(new Set(uses.map(({ digest }) => digest)).size).toBe(2);
});
