import { chmodSync, readFileSync, readdirSync, rmSync, truncateSync, writeFileSync } from "node:fs";
import path from "node:path";
import { describe, expect, test } from "vitest";
import { TestProject } from "../rig/project.ts";

const head = `import { pipeline, step } from "warmstart";\n`;

const chain = `${head}
  import { appendFileSync } from "node:fs";
  const make = step("make", () => { appendFileSync("made", "x"); return { rows: Array.from({ length: 1000 }, (_, i) => i) }; });
  const sum = step("sum", ({ data, k }: { data: { rows: number[] }; k: number }) => data.rows.reduce((a, b) => a + b, 0) * k);
  export default pipeline("p", ({ k = 1 }: { k?: number }) => { const data = make(); return { total: sum({ data, k }) }; });`;

function blobs(project: TestProject): readonly string[] {
  const folder = project.path(".warmstart/artifacts");
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && entry.parentPath.includes("objects-v1"))
    .map((entry) => path.join(entry.parentPath, entry.name));
}

function largest(project: TestProject): string {
  const found = blobs(project).toSorted((a, b) => readFileSync(b).byteLength - readFileSync(a).byteLength)[0];
  if (found === undefined) throw new Error("there are no blobs");
  return found;
}

describe("a hit is complete or it is no hit", () => {
  test("a deleted output is computed again, and said", async () => {
    using project = new TestProject({ "pipeline.ts": chain });
    const cold = await project.drive();
    rmSync(largest(project), { force: true });
    const run = await project.drive();
    expect(run.reasons["make"]).toMatch(/no longer there/);
    expect(run.reused).toEqual(["sum"]);
    expect(run.outputs).toEqual(cold.outputs);
  });

  test("a cut-off output is computed again", async () => {
    using project = new TestProject({ "pipeline.ts": chain });
    await project.drive();
    const file = largest(project);
    chmodSync(file, 0o644);
    truncateSync(file, 10);
    const run = await project.drive();
    expect(run.computed).toEqual(["make"]);
    expect((await project.drive({ params: { k: 2 } })).outputs["total"]?.value).toBe(999_000);
  });

  test("a flipped bit is found by whoever reads it, healed in the same run, and never handed out", async () => {
    using project = new TestProject({ "pipeline.ts": chain });
    await project.drive();
    const file = largest(project);
    const bytes = readFileSync(file);
    bytes[bytes.byteLength - 20] = (bytes[bytes.byteLength - 20] ?? 0) ^ 1;
    chmodSync(file, 0o644);
    writeFileSync(file, bytes);
    const run = await project.drive({ params: { k: 2 } });
    expect(run.error).toBeUndefined();
    expect(run.outputs["total"]?.value).toBe(999_000);
    expect(run.computed).toEqual(["make", "sum"]);
    expect(run.events.some((event) => event.kind === "notice" && /damaged/.test(event.text))).toBe(true);
    expect(readFileSync(project.path("made"), "utf8")).toBe("xx");
    expect((await project.drive({ params: { k: 2 } })).reused).toEqual(["make", "sum"]);
  });

  test("damaged bytes whose recomputation gives others: everything behind is planned again", async () => {
    using project = new TestProject({
      "pipeline.ts": `${head}
        import { randomUUID } from "node:crypto";
        const make = step("make", () => randomUUID().repeat(50));
        const left = step("left", ({ id }: { id: string }) => id.slice(0, 36));
        const right = step("right", ({ id, k }: { id: string; k: number }) => id.slice(0, 36) + (k ? "" : "!"));
        export default pipeline("p", ({ k = 1 }: { k?: number }) => { const id = make(); return { id, left: left({ id }), right: right({ id, k }) }; });`,
    });
    const first = await project.drive();
    const file = largest(project);
    chmodSync(file, 0o644);
    writeFileSync(file, readFileSync(file).fill(65, 10, 20));
    const run = await project.drive({ params: { k: 2 } });
    expect(run.error).toBeUndefined();
    const id = String(run.outputs["id"]?.value).slice(0, 36);
    expect(id).not.toBe(String(first.outputs["id"]?.value).slice(0, 36));
    expect(run.outputs["left"]?.value).toBe(id);
    expect(run.outputs["right"]?.value).toBe(id);
  });

  test("a result whose bytes are damaged when it is loaded at the end fails with the cure", async () => {
    using project = new TestProject({
      "pipeline.ts": `${head} const make = step("make", () => "x".repeat(5000)); export default pipeline("p", () => ({ a: make() }));`,
    });
    await project.drive();
    const file = largest(project);
    chmodSync(file, 0o644);
    writeFileSync(file, "y".repeat(readFileSync(file).byteLength));
    const run = await project.drive();
    expect(run.outputs).toEqual({});
    expect(run.error).toMatchObject({ code: "WS_ARTIFACT_DAMAGED", hint: expect.stringMatching(/run/i) });
    expect((await project.drive()).outputs["a"]?.value).toBe("x".repeat(5000));
  });
});

describe("the repository's folder", () => {
  test("two runs at the same time both succeed", async () => {
    using project = new TestProject({ "pipeline.ts": chain });
    const runs = await Promise.all([1, 2, 3].map((k) => project.drive({ params: { k } })));
    expect(runs.map(({ error }) => error)).toEqual([undefined, undefined, undefined]);
    expect(runs.map(({ outputs }) => outputs["total"]?.value)).toEqual([499_500, 999_000, 1_498_500]);
  });

  test("a foreign folder is refused and left as it is", async () => {
    using project = new TestProject({ "pipeline.ts": chain, ".warmstart/notes.txt": "mine" });
    const run = await project.drive();
    expect(run.error?.code).toBe("WS_REPOSITORY_FOREIGN");
    expect(readdirSync(project.path(".warmstart"))).toEqual(["notes.txt"]);
  });

  test("stamps that cannot be kept cost time, not the run", async () => {
    using project = new TestProject({ "pipeline.ts": chain });
    await project.drive();
    rmSync(project.path(".warmstart/stamps"), { recursive: true });
    writeFileSync(project.path(".warmstart/stamps"), "in the way");
    const run = await project.drive();
    expect([run.error, run.exitCode, run.reused]).toEqual([undefined, 0, ["make", "sum"]]);
    expect(run.stderr).toContain("could not be kept");
  });

  test("a newer format is refused", async () => {
    using project = new TestProject({ "pipeline.ts": chain, ".warmstart/repository.json": `{"format":99,"id":"x"}` });
    expect((await project.drive()).error).toMatchObject({ code: "WS_FORMAT_NEWER" });
  });

  test("deleted while it is running: a clear error, nothing wrong handed out", async () => {
    using project = new TestProject({
      "pipeline.ts": `${head} import { rmSync } from "node:fs";
        const make = step("make", () => { rmSync(".warmstart", { recursive: true, force: true }); return 1; });
        export default pipeline("p", () => ({ a: make() }));`,
    });
    const run = await project.drive();
    expect(run.error?.code ?? "none").toMatch(/^WS_/);
    expect((await project.drive()).exitCode).toBe(0);
  });
});
