import { chmodSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import path from "node:path";
import { describe, expect, test } from "vitest";
import type { DrivenRun } from "../rig/project.ts";
import { TestProject } from "../rig/project.ts";

/** `noise` gives other bytes each time; `left` and `right` say which noise they saw. */
const pipelineOf = (leftCode: string, rightCode: string): string => `import { pipeline, step } from "warmstart";
  import { randomUUID } from "node:crypto";
  const noise = step("noise", { code: { version: "1" } }, () => randomUUID());
  const left = step("left", { code: { version: ${JSON.stringify(leftCode)} } }, ({ n }: { n: string }) => "left " + n);
  const right = step("right", { code: { version: ${JSON.stringify(rightCode)} } }, ({ n }: { n: string }) => "right " + n);
  const both = step("both", ({ l, r }: { l: string; r: string }) => [l, r]);
  export default pipeline("p", () => { const n = noise(); return { noise: n, both: both({ l: left({ n }), r: right({ n }) }) }; });`;

function expectOneNoise({ error, outputs }: DrivenRun): void {
  expect(error).toBeUndefined();
  const noise = String(outputs["noise"]?.value);
  expect(outputs["both"]?.value).toEqual([`left ${noise}`, `right ${noise}`]);
}

function fileOf(project: TestProject, digest: string): string {
  return path.join(project.path(".warmstart/artifacts/objects-v1"), digest.slice(0, 2), digest.slice(2));
}

/** Other bytes of the same number, which only whoever reads them finds. */
function damage(project: TestProject, digest: string): void {
  const file = fileOf(project, digest);
  chmodSync(file, 0o644);
  writeFileSync(file, new Uint8Array(statSync(file).size).fill(0x20));
}

describe("stored bytes that are bad, of a step that gives other bytes when it runs again", () => {
  test("two consumers at once: both see the new bytes", async () => {
    using project = new TestProject({ "pipeline.ts": pipelineOf("1", "1") });
    const first = await project.drive();
    damage(project, first.outputs["noise"]?.digest ?? "");
    project.write({ "pipeline.ts": pipelineOf("2", "2") });
    const healed = await project.drive({ options: { parallel: 2 } });
    expectOneNoise(healed);
    expect(healed.outputs["noise"]?.value).not.toBe(first.outputs["noise"]?.value);
  });

  test("what was reused with the old bytes is planned again", async () => {
    using project = new TestProject({ "pipeline.ts": pipelineOf("1", "1") });
    const first = await project.drive();
    damage(project, first.outputs["noise"]?.digest ?? "");
    project.write({ "pipeline.ts": pipelineOf("1", "2") });
    expectOneNoise(await project.drive({ options: { parallel: 2 } }));
  });

  test("an older result that is found instead counts like a new one", async () => {
    using project = new TestProject({ "pipeline.ts": pipelineOf("1", "1") });
    const older = await project.drive();
    const file = fileOf(project, older.outputs["noise"]?.digest ?? "");
    const bytes = readFileSync(file);
    rmSync(file, { force: true });
    // Missing for one run, so that a second result is stored under the same key.
    const newer = await project.drive();
    expect(newer.computed).toContain("noise");
    writeFileSync(file, bytes);
    damage(project, newer.outputs["noise"]?.digest ?? "");
    project.write({ "pipeline.ts": pipelineOf("1", "3") });
    const healed = await project.drive({ options: { parallel: 2 } });
    expectOneNoise(healed);
    expect(healed.outputs["noise"]?.value).toBe(older.outputs["noise"]?.value);
  });
});

describe("an end of the run while it is being planned", () => {
  test("leaves nothing taken and not run", async () => {
    using project = new TestProject({
      "pipeline.ts": `import { pipeline, step } from "warmstart";
        const next = step("next", ({ n }: { n: number }) => n + 1);
        export default pipeline("p", () => ({ a: next({ n: next({ n: next({ n: 0 }) }) }) }));`,
      "main.ts": `import { Repository } from "warmstart"; import chain from "./pipeline.ts";
        await using repository = await Repository.open();
        await repository.run(chain);
        const abort = new AbortController();
        const observer = (event: { kind: string }) => { if (event.kind === "step-reused") abort.abort(); };
        await repository.run(chain, {}, { signal: abort.signal, observer }).catch((error) => console.log(error.code));
        const [last] = (await repository.queries.runs()).items;
        console.log(last?.state, JSON.stringify(last?.end?.counts));`,
    });
    const { stdout } = await project.node(["main.ts"]);
    expect(stdout.split("\n").slice(0, 2)).toEqual([
      "WS_ABORTED",
      `CANCELED {"reused":1,"computed":0,"failed":0,"canceled":2,"savedMs":${/"savedMs":([\d.]+)/.exec(stdout)?.[1]}}`,
    ]);
  });
});
