import { describe, expect, test } from "vitest";
import type { StepDocument } from "../../src/cli/run-document.ts";
import { TestProject } from "../rig/project.ts";
import { projectKinds } from "./project-kinds.ts";
import type { ProjectKind } from "./project-kinds.ts";

const env = { NO_COLOR: "1", CI: "" };

interface RunDocument {
  readonly state: string;
  readonly steps: readonly StepDocument[];
  readonly results: readonly { readonly digest: string; readonly shown?: string }[];
  readonly notices: readonly unknown[];
}

async function run(project: TestProject, ...args: readonly string[]): Promise<RunDocument> {
  const { stdout, stderr } = await project.cli(["run", ...args, "--json"], { env });
  expect(stdout, stderr).toMatch(/^\{/);
  return JSON.parse(stdout) as RunDocument;
}

/** What a run said of itself; `notices` would tell of a step that could not run in a worker. */
function told({ state, steps, notices }: RunDocument): object {
  return {
    state,
    steps: steps.map((step) => step.state),
    notices,
    notOffered: steps.flatMap((s) => s.notOffered ?? []),
  };
}

const computed = { state: "COMPLETE", steps: ["COMPLETE", "COMPLETE"], notices: [], notOffered: [] };
const reused = { state: "COMPLETE", steps: ["CACHED", "CACHED"], notices: [], notOffered: [] };

/** Where the only `throw` of a source stands. */
function throwOf({ files }: ProjectKind, path: string): string {
  const line = (files[path] ?? "").split("\n").findIndex((text) => text.includes("throw"));
  return `${path}:${line + 1}:`;
}

describe.each(Object.entries(projectKinds))("%s", (_, kind) => {
  const { files, pipeline, edited, shown } = kind;

  test("is computed in workers, reused, missed for an edit, and hit again when that is undone", async () => {
    using project = new TestProject(files);
    const cold = await run(project, pipeline);
    expect(told(cold), JSON.stringify(cold)).toEqual(computed);
    expect(cold.results[0]?.shown).toBe(shown);
    const again = await run(project, pipeline);
    expect(told(again)).toEqual(reused);
    expect(again.results[0]?.digest).toBe(cold.results[0]?.digest);

    const text = files[edited.file] ?? "";
    expect(text).toContain(edited.from);
    project.write({ [edited.file]: text.replace(edited.from, edited.to) });
    const changed = await run(project, pipeline);
    expect(changed.notices).toEqual([]);
    const { state, reason } = changed.steps.at(-1) ?? {};
    expect(state).toBe("COMPLETE");
    expect(reason?.text).toMatch(new RegExp(`^${edited.file}:\\d+ \\w+ changed, used by use → `));
    expect(changed.results[0]?.shown).toBe(edited.shown);

    project.write({ [edited.file]: text });
    const undone = await run(project, pipeline);
    expect(told(undone)).toEqual(reused);
    expect(undone.results[0]?.digest).toBe(cold.results[0]?.digest);
  }, 60_000);

  test("tells of a failing step where it stands in the source", async () => {
    using project = new TestProject(files);
    const failed = await run(project, pipeline, "--param", "size=-1");
    expect(failed.notices).toEqual([]);
    const place = throwOf(kind, kind.throwsIn);
    const { error } = failed.steps.find(({ state }) => state === "FAILED") ?? {};
    expect(error?.stack).toContain(place);
    for (const command of ["logs", "show"])
      expect((await project.cli([command], { env })).stdout, command).toContain(place);
  }, 60_000);
});
