import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { TestProject } from "../rig/project.ts";
import type { ProcessResult } from "../rig/project.ts";

const env = { NO_COLOR: "1", CI: "" };

const source = (body = "n * 2", more = ""): string => `
  import { pipeline, step } from "warmstart";
  const load = step("load", ({ rounds }: { rounds: number }, ctx) => { ctx.metric("rows", rounds); return rounds; });
  const twice = step("twice", ({ n }: { n: number }) => ${body});
  const sign = step("sign", ({ n }: { n: number }) => n > 0);
  const still = step("still", () => 1);
  ${more}
  export default pipeline("p", ({ rounds = 1 }: { rounds?: number }) => {
    const n = load({ rounds });
    return { twice: twice({ n }), sign: sign({ n }), still: still()${more === "" ? "" : ", late: late()"} };
  });`;

let project: TestProject;

beforeAll(async () => {
  project = new TestProject({ "p.ts": source() });
  await cli("run", "p.ts");
  await cli("run", "p.ts", "--param", "rounds=2");
  project.write({ "p.ts": source("n * 3", 'const late = step("late", () => 5);') });
  await cli("run", "p.ts", "--param", "rounds=2");
});

afterAll(() => project[Symbol.dispose]());

function cli(...args: readonly string[]): Promise<ProcessResult> {
  return project.cli(args, { env });
}

/** Durations differ from run to run. */
function steady(text: string): string {
  return text
    .replace(/\d+(?:\.\d+)? (?:ms|s|min|h)\b/g, "TIME")
    .replaceAll("TIME → TIME", "TIME")
    .replace(/ +/g, " ");
}

describe("two runs side by side", () => {
  test("what they were given, and what is different node by node", async () => {
    const { stdout } = await cli("diff", "1", "2");
    const shown = steady(stdout);
    expect(shown).toMatch(/^run 1 → run 2 p\n rounds: 2 is new\n/);
    const nodes = [
      [
        " ~ load changed computed in both TIME",
        " ~ rounds: 1 → 2",
        " output: other content, 1 → 2",
        " metric rows: 1 → 2",
      ],
      [
        " ~ twice changed computed in both TIME",
        " ~ its input `n` changed, made by load in run 2 (computed: rounds: 1 → 2)",
        " output: other content, 2 → 4",
      ],
      [
        " ~ sign changed computed in both TIME",
        " ~ its input `n` changed, made by load in run 2 (computed: rounds: 1 → 2)",
        " output: the same content",
      ],
      [" = the same: still"],
    ];
    for (const lines of nodes) expect(shown).toContain(`${lines.join("\n")}\n`);
    expect(shown.trimEnd().split("\n")).toHaveLength(2 + nodes.flat().length);
  });

  test("a run alone is compared with the one of its pipeline before it", async () => {
    const [alone, latest, both] = [await cli("diff", "3"), await cli("diff"), await cli("diff", "2", "3")];
    expect(alone.stdout).toBe(both.stdout);
    expect(latest.stdout).toBe(both.stdout);
    expect(steady(both.stdout)).toContain(" + late new TIME is new\n");
    expect(steady(both.stdout)).toMatch(/ ~ twice changed computed in both TIME\n ~ (?:p\.ts|.*twice).*changed/);
  });

  test("one step alone, and the document", async () => {
    const { stdout } = await cli("diff", "1", "2", "load", "--json");
    expect(JSON.parse(stdout)).toMatchObject({
      warmstart: 1,
      command: "diff",
      before: { id: 1 },
      after: { id: 2, params: { rounds: 2 } },
      facts: [{ name: "rounds", kind: "parameter", after: "2" }],
      nodes: [
        {
          node: "load",
          step: "load",
          kind: "changed",
          before: { run: 1, state: "COMPLETE" },
          after: { run: 2, state: "COMPLETE" },
          differences: [{ path: "config/rounds", kind: "changed", before: "1", after: "2", text: "rounds: 1 → 2" }],
          outputs: [{ same: false, before: { shown: "1" }, after: { shown: "2" } }],
          metrics: [{ name: "rows", before: 1, after: 2 }],
          times: { before: expect.any(Number), after: expect.any(Number) },
        },
      ],
    });
  });

  test("a run with itself is the same", async () => {
    const { stdout } = await cli("diff", "2", "2");
    expect(stdout).toMatch(/^run 2 → run 2 {2}p\n {2}= the same: [^\n]*\n$/);
    for (const node of ["load", "twice", "sign", "still"]) expect(stdout).toContain(node);
  });
});

describe("what cannot be compared", () => {
  test.each([
    [["1", "99"], 2, "has no run 99"],
    [["latst", "1"], 2, "Did you mean `latest`?"],
    [["1", "2", "twise"], 2, "Did you mean `twice`?"],
    [["1"], 2, "nothing to compare it with"],
  ])("%j ends with %d", async (args, exitCode, text) => {
    const result = await cli("diff", ...args);
    expect(result.stderr).toContain(text);
    expect(result).toMatchObject({ stdout: "", exitCode });
  });
});
