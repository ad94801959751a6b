import { join } from "node:path";
import { describe, expect, test } from "vitest";
import type { SymbolClosure } from "../../../src/code-identity/symbols/symbol-closure.ts";
import type { SymbolGraph } from "../../../src/code-identity/symbols/symbol-graph.ts";
import type { Digest } from "../../../src/encoding/digest.ts";
import type { CodeRecord } from "../../../src/model/code-record.ts";
import { Project } from "../project.ts";
import { applyEdits } from "./case-program.ts";
import { graphOf } from "./symbol-program.ts";

const files = {
  "p.ts": [
    "import { step } from 'warmstart';",
    "import { parse } from './dates.ts';",
    "import dj from 'dj';",
    "import limits from './limits.json' with { type: 'json' };",
    "export const t = step('t', (x: string) => parse(x) + limits.most + dj(x));",
    "export const u = step('u', () => 1);",
  ].join("\n"),
  "dates.ts":
    "import { pad } from './pad.ts';\nconst EPOCH = 1970;\nexport const parse = (x: string) => Number(pad(x)) - EPOCH;\n",
  "pad.ts": "export const pad = (x: string) => x.padStart(4, '0');\nexport const trim = (x: string) => x.trim();\n",
  "limits.json": '{ "most": 3 }',
};

function createProject(): Project {
  const project = new Project(files);
  project.package("dj", "1.0.0", "export default (x) => x;");
  return project;
}

function closed(project: Project, step = "t"): readonly [SymbolGraph, SymbolClosure] {
  const graph = graphOf(project.root);
  const file = join(project.root, "p.ts");
  return [graph, graph.closureOf({ file, functionPath: `${step}/step(${step})` }, [file])];
}

/** Names of the records in which two closures differ themselves, found by going down where digests differ. */
function edited(
  before: readonly CodeRecord[],
  after: readonly CodeRecord[],
  roots: readonly Digest[],
): readonly string[] {
  const all = new Map([...before, ...after].map((record) => [record.digest, record]));
  const old = new Set(before.map(({ own }) => own));
  const known = new Set(before.map(({ digest }) => digest));
  const found: string[] = [];
  const queue = [...roots];
  for (let digest = queue.pop(); digest !== undefined; digest = queue.pop()) {
    const record = all.get(digest);
    if (record === undefined || known.has(digest)) continue;
    known.add(digest);
    if (!old.has(record.own)) found.push(`${record.file ?? ""} ${record.line ?? ""} ${record.name}`);
    queue.push(...record.uses);
  }
  return found;
}

describe("records of code", () => {
  test("say what a piece is, where it stands, what it says and what it leads to", () => {
    const [graph, { digest }] = closed(createProject());
    const root = graph.recordOf(digest);
    expect(root).toMatchObject({ name: "t", file: "project:p.ts", line: 5 });
    expect(root?.text).toBe("(x: string) => parse(x) + limits.most + dj(x)");
    const uses = root?.uses.map((used) => graph.recordOf(used));
    expect(uses?.map((record) => record?.name)).toEqual(["parse", "limits.json", "package dj"]);
    expect(uses?.[0]).toMatchObject({ file: "project:dates.ts", line: 3 });
    expect(uses?.[2]).not.toHaveProperty("file");
  });

  test("of a closure are all that it is made of, each once", () => {
    const [graph, { digest }] = closed(createProject());
    const names = graph.recordsBelow([digest, digest]).map(({ name }) => name);
    expect(names.sort()).toEqual(["EPOCH", "limits.json", "package dj", "pad", "parse", "t"]);
  });

  test.each([
    ["pad.ts", ["padStart(4", "padStart(5"], "project:pad.ts 1 pad"],
    ["dates.ts", ["1970", "1971"], "project:dates.ts 2 EPOCH"],
    ["limits.json", ["3", "4"], "project:limits.json 1 limits.json"],
    ["p.ts", ["limits.most +", "limits.most -"], "project:p.ts 5 t"],
  ] as const)("lead from two roots to the edited piece alone: %s %j", (path, edit, name) => {
    const project = createProject();
    const [before, old] = closed(project);
    const records = before.recordsBelow([old.digest]);
    applyEdits(project.root, { [path]: [edit] });
    const [after, { digest }] = closed(project);
    expect(edited(records, after.recordsBelow([digest]), [digest])).toEqual([name]);
  });

  test.each([
    ["an effect on what the step reads", "reg.set('k', 1);", "return reg"],
    ["an effect whose value is kept", "export const one = reg.set('k', 1);", "return reg"],
    ["an effect on a global", "globalThis.n = (globalThis.n ?? 0) + 1;", "return n"],
  ])("tell where %s is done once more", (_words, line, body) => {
    const lines = ["export const reg = new Map();", line];
    const project = new Project({
      "p.ts": `import { step } from 'warmstart';\nimport { reg } from './r.ts';\nexport const t = step('t', () => { ${body} });\n`,
      "r.ts": lines.join("\n"),
    });
    const [before, old] = closed(project);
    const records = before.recordsBelow([old.digest, ...old.ambient]);
    applyEdits(project.root, { "r.ts": [...lines, line.replace("one", "two")].join("\n") });
    const [after, { digest, ambient }] = closed(project);
    const roots = [digest, ...ambient];
    const found = edited(records, after.recordsBelow(roots), roots);
    expect(found.some((name) => /^project:r\.ts 3 (?:statement|two)$/.test(name))).toBe(true);
  });

  test("are not there for what no closure was asked for", () => {
    const [graph] = closed(createProject(), "u");
    const [, { digest }] = closed(createProject());
    expect(graph.recordOf(digest)).toBeUndefined();
    expect(graph.recordsBelow([digest])).toEqual([]);
  });
});
