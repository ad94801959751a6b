import { readdirSync, rmSync, statSync } from "node:fs";
import path from "node:path";
import { expect, test } from "vitest";
import type { RunPlan } from "../../src/runtime/run-plan.ts";
import { TestProject } from "../rig/project.ts";
import type { DriveRequest, DrivenRun } from "../rig/project.ts";

interface Shape {
  readonly helper?: string;
  readonly rate?: string;
  readonly options?: string;
  readonly extra?: string;
  readonly first?: string;
}

/** Steps of every kind: files and variables read, equal nodes, an edge without data, side effects, names, unseen activity. */
function sources({ helper = "n + 1", rate = "rows.length / 10", options = "{}", extra = "", first = "" }: Shape = {}) {
  return {
    "helper.ts": `export const helper = (n: number) => ${helper};`,
    "unused.ts": "export const unused = 1;",
    "pipeline.ts": `
      import { existsSync, readFileSync, readdirSync, writeFileSync } from "node:fs";
      import { artifact, pipeline, step, value } from "warmstart";
      import { helper } from "./helper.ts";
      import { lib } from "lib";
      const load = step("load", ({ path }: { path: string }) => readFileSync(path, "utf8").trim().split(","));
      const rate = step("rate", ${options}, ({ rows, by }: { rows: string[]; by: number }) => (${rate}) * by);
      const scale = step("scale", ({ n }: { n: number }) => helper(n) + lib);
      const list = step("list", () => readdirSync("folder").sort());
      const maybe = step("maybe", () => existsSync("maybe.txt"));
      const mode = step("mode", () => process.env["MODE"] ?? "none");
      const write = step("write", ({ text }: { text: string }) => { writeFileSync("out.txt", text); return text.length; });
      const read = step("read", () => readFileSync("out.txt", "utf8"));
      const all = step("all", () => Object.keys({ ...process.env }).length > 0);
      const aged = step("aged", { cache: { ttl: "1000d" } }, () => 1);
      const off = step("off", { cache: "off" }, () => 2);
      const dated = step("dated", { dataVersion: () => readFileSync("version.txt", "utf8") }, () => 3);
      const bad = step("bad", ({ fail }: { fail: boolean }) => { if (fail) throw new Error("bad"); return 4; });
      const named = step("named", { output: value<number>({ name: "model" }) }, ({ n }: { n: number }) => n * 2);
      ${extra}
      export default pipeline("p", ({ by = 2, text = "a", fail = false }: { by?: number; text?: string; fail?: boolean }) => {
        ${first}
        const rows = load({ path: "data.txt" });
        const written = write({ text });
        return {
          rates: [rate({ rows, by }), rate({ rows, by: 3 })],
          scales: [scale({ n: 1 }), scale({ n: 2 }), scale({ n: 1 })],
          list: list(), maybe: maybe(), mode: mode(),
          read: read({}, { after: [written] }),
          all: all(), aged: aged(), off: off(), dated: dated(), bad: bad({ fail }),
          named: named({ n: by }),
        };
      });`,
  };
}

const lib = (version: string, number: number): Readonly<Record<string, string>> => ({
  "node_modules/lib/package.json": JSON.stringify({ name: "lib", version, type: "module", exports: "./index.js" }),
  "node_modules/lib/index.js": `export const lib = ${number};`,
});

interface Edit {
  readonly what: string;
  readonly write?: Readonly<Record<string, string>>;
  readonly remove?: readonly string[];
  readonly request?: DriveRequest;
  readonly act?: (project: TestProject) => void;
}

const edits: readonly Edit[] = [
  { what: "nothing was ever run" },
  { what: "nothing changed" },
  { what: "a parameter", request: { params: { by: 5 } } },
  { what: "the parameter undone" },
  { what: "a helper", write: sources({ helper: "n + 2" }) },
  { what: "the helper undone", write: sources() },
  { what: "a helper that gives the same", write: sources({ helper: "1 + n" }) },
  { what: "a comment", write: sources({ extra: "// a word" }) },
  { what: "a step's body that gives the same bytes", write: sources({ rate: "rows.length * 0.1" }) },
  { what: "a module that nobody imports", write: { "unused.ts": "export const unused = 2;" } },
  { what: "a data file", write: { "data.txt": "a,b,c,d" } },
  { what: "the data file written again with the same bytes", write: { "data.txt": "a,b,c,d" } },
  { what: "a file in a listed folder", write: { "folder/two.txt": "2" } },
  { what: "the bytes of a file in a listed folder", write: { "folder/two.txt": "22" } },
  { what: "a file that was absent", write: { "maybe.txt": "" } },
  { what: "and is absent again", remove: ["maybe.txt"] },
  { what: "a variable", request: { env: { MODE: "fast" } } },
  { what: "another value of it", request: { env: { MODE: "slow" } } },
  { what: "a package's version", write: lib("1.0.1", 1) },
  { what: "what a step wrote, gone", remove: ["out.txt"] },
  { what: "what a step wrote, overwritten", write: { "out.txt": "other" } },
  { what: "another text to write", request: { params: { text: "b" } } },
  { what: "the former text again: its file holds the other one", request: { params: { text: "a" } } },
  { what: "a refresh of one step", request: { options: { refresh: ["scale"] } } },
  { what: "a refresh of one node", request: { options: { refresh: ["rate-2"] } } },
  { what: "no cache at all", request: { options: { noCache: true } } },
  { what: "trust for this run", request: { options: { trust: ["environment"] } } },
  { what: "a data version", write: { "version.txt": "2" } },
  { what: "a data version that cannot be asked", remove: ["version.txt"] },
  { what: "it can be asked again", write: { "version.txt": "2" } },
  { what: "a step that fails", request: { params: { fail: true }, options: { onFailure: "continue" } } },
  { what: "and would fail again", request: { params: { fail: true }, options: { onFailure: "continue" } } },
  { what: "a node before the others of its step", write: sources({ first: "scale({ n: 9 });" }) },
  { what: "a version by hand", write: sources({ options: '{ version: "2" }' }) },
  { what: "an input that is ignored", write: sources({ options: '{ version: "2", ignore: ["by"] }' }) },
  { what: "a salt", write: sources({ options: '{ salt: "x" }' }) },
  {
    what: "TypeScript's options",
    write: { "tsconfig.json": JSON.stringify({ compilerOptions: { target: "es2020" } }) },
  },
  { what: "stored bytes that are gone", act: (project) => removeBlobs(project) },
  { what: "one step alone", request: { params: { by: 6 }, options: { only: ["scale"] } } },
  { what: "the steps before one", request: { params: { by: 7 }, options: { to: ["rate"] } } },
];

test("a plan is what the next run does, with the same reasons and origins", { timeout: 240_000 }, async () => {
  using project = new TestProject({
    ...sources(),
    ...lib("1.0.0", 1),
    "data.txt": "a,b,c",
    "folder/one.txt": "1",
    "version.txt": "1",
  });
  const wrong: unknown[] = [];
  for (const { what, write = {}, remove = [], request = {}, act } of edits) {
    project.write(write);
    for (const name of remove) rmSync(project.path(name), { force: true });
    act?.(project);
    const { plan } = await project.drive({ ...request, plan: true });
    const run = await project.drive(request);
    expect(plan, what).toBeDefined();
    expect(outcomesOf(run).size, what).toBeGreaterThan(0);
    const equal = ["scale", "scale-3"].every((node) => run.computed.includes(node));
    const twice = equal && request.options === undefined && what !== "a node before the others of its step";
    expect(twice, `${what}: one key was computed twice`).toBe(false);
    wrong.push(...(plan === undefined ? [] : surprises(plan, run)).map((surprise) => ({ what, ...surprise })));
  }
  expect(wrong).toEqual([]);
});

interface Outcome {
  readonly verdict: "reuse" | "compute";
  readonly text: string;
}

/** Nodes that did otherwise than was planned; `depends` promises nothing. */
function surprises(plan: RunPlan, run: DrivenRun): readonly object[] {
  const outcomes = outcomesOf(run);
  return plan.nodes.flatMap(({ id, verdict, text }) => {
    const outcome = outcomes.get(id);
    const as =
      outcome !== undefined && (verdict === "depends" || (outcome.verdict === verdict && outcome.text === text));
    return as ? [] : [{ id, verdict, text, outcome }];
  });
}

function outcomesOf({ events }: DrivenRun): ReadonlyMap<string, Outcome> {
  const outcomes = new Map<string, Outcome>();
  for (const event of events) {
    if (event.kind === "step-reused")
      outcomes.set(event.nodeId, { verdict: "reuse", text: `reused from run ${event.origin.runId}` });
    if (event.kind === "step-computed" || event.kind === "step-failed")
      outcomes.set(event.nodeId, { verdict: "compute", text: event.reason.text });
  }
  return outcomes;
}

function removeBlobs(project: TestProject): void {
  const folder = project.path(".warmstart/artifacts/objects-v1");
  const blobs = readdirSync(folder, { recursive: true, encoding: "utf8" }).map((name) => path.join(folder, name));
  for (const blob of blobs.filter((name) => statSync(name).isFile())) rmSync(blob);
}
