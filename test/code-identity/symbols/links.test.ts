import { rmSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { dataDigest } from "../../../src/code-identity/symbols/data-file.ts";
import type { SymbolClosure } from "../../../src/code-identity/symbols/symbol-closure.ts";
import { Project } from "../project.ts";
import { applyEdits } from "./case-program.ts";
import { closureIn, codeOf, graphOf } from "./symbol-program.ts";

type Files = Readonly<Record<string, string>>;

function programOf(files: Files, top: string, body = "return f()"): Project {
  const step = `import { step } from 'warmstart';\n${top}\nexport const t = step('t', async () => { ${body} });\n`;
  const project = new Project({ ...files, "p.ts": step });
  project.package("dj", "1.0.0", "");
  return project;
}

function closureOf(project: Project): SymbolClosure {
  return closureIn(project.root, "p.ts#t/step(t)");
}

const f = "export const f = () => 1;\n";

describe("ways to the same function", () => {
  const plain = (): string => closureOf(programOf({ "a.ts": f }, "import { f } from './a.ts';")).digest;

  test.each<readonly [string, Files, string]>([
    ["a barrel", { "a.ts": f, "i.ts": "export * from './a.ts';\n" }, "import { f } from './i.ts';"],
    ["a re-export", { "b.ts": f, "a.ts": "export { f } from './b.ts';\n" }, "import { f } from './a.ts';"],
    [
      "an import that is exported",
      { "b.ts": f, "a.ts": "import { f } from './b.ts';\nexport { f };\n" },
      "import { f } from './a.ts';",
    ],
    ["another name", { "a.ts": "const f = () => 1;\nexport { f as g };\n" }, "import { g as f } from './a.ts';"],
    [
      "a default export by name",
      { "a.ts": "const f = () => 1;\nexport { f as default };\n" },
      "import f from './a.ts';",
    ],
    [
      "a namespace that is re-exported",
      { "a.ts": f, "i.ts": "export * as ns from './a.ts';\n" },
      "import { f } from './a.ts';",
    ],
    [
      "barrels in a circle",
      {
        "a.ts": `export * from './i.ts';\n${f}`,
        "i.ts": "export * from './j.ts';\n",
        "j.ts": "export * from './i.ts';\nexport * from './a.ts';\n",
      },
      "import { f } from './i.ts';",
    ],
    [
      "an own export before a star",
      { "b.ts": "export const f = () => 2;\n", "a.ts": `export * from './b.ts';\n${f}` },
      "import { f } from './a.ts';",
    ],
    [
      "a barrel with a package in it",
      { "a.ts": f, "i.ts": "export * from 'dj';\nexport * from './a.ts';\n" },
      "import { f } from './i.ts';",
    ],
  ])("%s", (_words, files, top) => {
    expect(closureOf(programOf(files, top)).digest).toBe(plain());
  });

  test("the member of a namespace, which the function itself names in another way", () => {
    const files = { "a.ts": `${f}export const g = () => 1;\n` };
    const project = programOf(files, "import * as ns from './a.ts';", "return ns.f()");
    const before = closureOf(project).digest;
    applyEdits(project.root, { "a.ts": [["g = () => 1", "g = () => 2"]] });
    expect(closureOf(project).digest).toBe(before);
    applyEdits(project.root, { "a.ts": [["f = () => 1", "f = () => 2"]] });
    expect(closureOf(project).digest).not.toBe(before);
  });
});

describe("what counts whole", () => {
  test.each<readonly [string, Files, string, string, readonly [string, string, string]]>([
    [
      "a namespace that is handed on",
      { "a.ts": `${f}export const g = 1;\n` },
      "import * as ns from './a.ts';",
      "return Object.keys(ns)",
      ["a.ts", "g = 1", "g = 2"],
    ],
    [
      "a script's exports",
      { "a.cjs": "exports.f = () => 1; exports.g = 1;\n" },
      "import { f } from './a.cjs';",
      "return f()",
      ["a.cjs", "g = 1", "g = 2"],
    ],
    [
      "a name that two stars give",
      {
        "a.ts": f,
        "b.ts": "export const f = () => 1;\n",
        "i.ts": "export * from './a.ts';\nexport * from './b.ts';\n",
      },
      "import { f } from './i.ts';",
      "return f()",
      ["b.ts", "=> 1", "=> 2"],
    ],
    [
      "a file read by its place",
      { "d.json": '{"a":1}' },
      "",
      "return new URL('./d.json', import.meta.url)",
      ["d.json", '{"a":1}', '{ "a": 1 }'],
    ],
  ])("%s", (_words, files, top, body, [path, from, to]) => {
    const project = programOf(files, top, body);
    const before = closureOf(project).digest;
    applyEdits(project.root, { [path]: [[from, to]] });
    expect(closureOf(project).digest).not.toBe(before);
  });
});

describe("what is not there", () => {
  test("an import that leads nowhere is flagged with its place", () => {
    const project = programOf(
      { "a.ts": "// nothing\nimport { q } from './gone.ts';\nexport const f = () => q();\n" },
      "import { f } from './a.ts';",
    );
    expect(closureOf(project).unseen).toEqual([{ kind: "code", name: "unresolved import ./gone.ts", note: "a.ts:2" }]);
  });

  test("a module with a syntax error is an error for who reaches it", () => {
    const project = programOf({ "a.ts": "export const f = ;\n" }, "import { f } from './a.ts';");
    expect(() => closureOf(project)).toThrow(expect.objectContaining({ code: "WS_SOURCE_SYNTAX" }));
  });

  test("a module with a syntax error that nobody reaches breaks nothing", () => {
    const project = programOf(
      { "a.ts": f, "b.ts": "let = ;\n" },
      "import { f } from './a.ts';\nexport const g = () => import('./b.ts');",
    );
    expect(closureOf(project).unseen).toEqual([]);
  });

  test("a file of the function that is gone, and a function that is not in it, are errors", () => {
    const project = programOf({ "a.ts": f }, "import { f } from './a.ts';");
    const gone = expect.objectContaining({ code: "WS_SOURCE_NOT_FOUND" });
    expect(() => closureIn(project.root, "p.ts#u/step(u)")).toThrow(gone);
    rmSync(join(project.root, "p.ts"));
    expect(() => closureOf(project)).toThrow(gone);
  });

  test("a script's folder, a cyclic import and a binary file are no reason to fail", () => {
    const files = {
      "a.ts": `import './p.ts';\nimport x from './x.bin';\n${f}export const g = x;\n`,
      "x.bin": "\u0000\uFFFF",
    };
    expect(closureOf(programOf(files, "import { f } from './a.ts';")).unseen).toEqual([]);
  });
});

describe("what a closure says", () => {
  test("its packages, modules, environment and warnings", () => {
    const files = {
      "a.ts": "import dj from 'dj';\nexport const f = () => dj(\n  process.env.REGION, Date.now());\n",
      "b.ts": "export const g = 1;\n",
    };
    const project = programOf(files, "import { f } from './a.ts';\nimport './b.ts';");
    const closure = closureOf(project);
    const folder = join(project.root, "node_modules/dj");
    expect(closure.packages).toEqual([{ folder, path: join(folder, "index.js") }]);
    expect(closure.modules).toEqual([join(project.root, "a.ts"), join(project.root, "p.ts")]);
    expect(closure.environment).toEqual([{ name: "REGION", at: "a.ts:3" }]);
    expect(closure.warnings).toEqual([{ kind: "clock", name: "Date.now", at: "a.ts:3" }]);
    expect(closure.natives).toEqual([]);
  });

  test("that it reaches native code", () => {
    const project = programOf({}, "import { DatabaseSync } from 'node:sqlite';", "return new DatabaseSync('x')");
    expect(closureOf(project).natives).toEqual(["node:sqlite"]);
  });

  test("the same, whichever step is asked first and whatever else the program holds", () => {
    const top =
      "export const load = (x) => import('./' + 'lazy.ts');\nimport { f } from './a.ts';\nexport const u = step('u', () => import('./lazy.ts'));";
    const project = programOf({ "a.ts": f, "lazy.ts": "globalThis.x = 1;\nexport const y = 1;\n" }, top);
    const file = join(project.root, "p.ts");
    const ask = (names: readonly string[]): readonly unknown[] => {
      const graph = graphOf(project.root);
      return names.map((name) => graph.closureOf({ file, functionPath: `${name}/step(${name})` }, [file]));
    };
    expect(ask(["t", "u"])).toEqual(ask(["u", "t"]).toReversed());
  });

  test("which of two versions of a package each module gets", () => {
    const files = {
      "x/a.ts": "import dj from 'dj';\nexport const f = () => dj;\n",
      "y/b.ts": "import dj from 'dj';\nexport const g = () => dj;\n",
    };
    const project = programOf(
      files,
      "import { f } from './x/a.ts';\nimport { g } from './y/b.ts';",
      "return [f(), g()]",
    );
    const install = (folder: string, version: string): void => {
      project.write({
        [`${folder}/node_modules/dj/package.json`]: JSON.stringify({
          name: "dj",
          version,
          type: "module",
          main: "index.js",
        }),
        [`${folder}/node_modules/dj/index.js`]: "",
      });
    };
    install("x", "1.0.0");
    install("y", "2.0.0");
    const before = codeOf(closureOf(project));
    install("x", "2.0.0");
    install("y", "1.0.0");
    expect(codeOf(closureOf(project))).not.toBe(before);
  });
});

describe("data files", () => {
  const json = (text: string): string => dataDigest("a.json", new TextEncoder().encode(text));

  test("of JSON count by their value", () => {
    expect(json('{ "b": [1, 2], "a": 1.0 }')).toBe(json('\uFEFF{"a":1,"b":[1,2]}'));
    expect(json('{"a":1,"a":2}')).toBe(json('{"a":2}'));
    expect(json("[1,2]")).not.toBe(json("[2,1]"));
    expect(json('{"a":"1"}')).not.toBe(json('{"a":1}'));
    expect(json('{"__proto__":{"a":1}}')).not.toBe(json("{}"));
    expect(json("-0")).not.toBe(json("0"));
  });

  test("that are no JSON, and what is called otherwise, count by their bytes", () => {
    expect(json("{a:1}")).not.toBe(json("{ a:1}"));
    const text = (content: string): string => dataDigest("a.sql", new TextEncoder().encode(content));
    expect(text("{}")).not.toBe(text("{ }"));
  });
});
