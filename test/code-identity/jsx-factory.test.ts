import { expect, test } from "vitest";
import { jsxFactoryOf, jsxPragmasIn } from "../../src/code-identity/jsx-factory.ts";
import { transformTypeScript } from "../../src/observation/typescript-transform.ts";
import { Project } from "./project.ts";
import { closureIn, codeOf } from "./symbols/symbol-program.ts";

const heads = [
  "",
  "/** @jsx h */",
  "// @jsx h",
  "/** @jsxFrag F */",
  "/** @jsxImportSource preact */",
  "/** @jsxImportSource @emotion/react */",
  "/** @jsxRuntime classic */",
  "/** @jsxRuntime automatic */",
  "/* @jsxRuntime classic */ /** @jsx h */",
  "/** @jsxRuntime automatic */ /** @jsx h */",
  "/** @jsxRuntime classic */\n/** @jsxRuntime automatic */",
  "/** @jsx a */ /** @jsx b.c */",
  '"use client";\n/** @jsxRuntime classic */',
  'export const s = "/** @jsxRuntime classic */";',
  "export const x = 1;\n/** @jsxRuntime classic */",
  "/** x@jsxRuntime classic */",
  "/** @jsxRuntime  classic, */",
  "/** @jsx h, */",
  "#!/usr/bin/env node\n/** @jsx h */",
];

const settings = [
  {},
  { jsx: "react" },
  { jsx: "react", jsxFactory: "k", jsxFragmentFactory: "K" },
  { jsxFactory: "k" },
  { jsx: "preserve", jsxImportSource: "solid" },
];

/** What the hooks made of it: the first word of each call, and what was imported. */
function compiled(path: string, text: string): string {
  const { code } = transformTypeScript(path, text, "module");
  const imported = /from "([^"]+)\/jsx-runtime"/.exec(code)?.[1];
  if (imported !== undefined) return imported;
  const [, factory, fragment] = /made = (?:\/\*.*?\*\/ )?([\w$.]+)\(([\w$.]+),/.exec(code) ?? [];
  return `${factory} ${fragment}`;
}

test.for(settings)("JSX leads to what the hooks compile it to, under %j", (compilerOptions) => {
  const files = Object.fromEntries(
    heads.map((head, index) => [`f${index}.tsx`, `${head}\nexport const made = <><b/></>;\n`]),
  );
  const project = new Project({ ...files, "tsconfig.json": JSON.stringify({ compilerOptions }) });
  for (const [index, head] of heads.entries()) {
    const found = jsxFactoryOf(compilerOptions, jsxPragmasIn(files[`f${index}.tsx`] ?? ""));
    const said = found.kind === "import" ? found.source : `${found.factory} ${found.fragment}`;
    expect(said, head).toBe(compiled(`${project.root}/f${index}.tsx`, files[`f${index}.tsx`] ?? ""));
  }
});

test("a factory that a comment or the options choose counts, and no other", () => {
  const page = (head: string): string => `${head}
    const React = { createElement: (t: string) => "react " + t }; const k = (t: string) => "k " + t;
    export const page = () => <b/>;`;
  const rows = [
    ["/** @jsxRuntime classic */", {}, "react", "k"],
    ["", { jsxFactory: "k", jsxFragmentFactory: "k" }, "k", "react"],
    ["/** @jsx k */ /** @jsxFrag k */", { jsx: "react" }, "k", "react"],
    ["/** @jsxImportSource preact */", { jsx: "react" }, "react", "k"],
  ] as const;
  for (const [head, compilerOptions, used, unused] of rows) {
    const text = page(head);
    const project = new Project({ "p.tsx": text, "tsconfig.json": JSON.stringify({ compilerOptions }) });
    const identity = (edited: string): string => {
      project.write({ "p.tsx": text.replace(`"${edited} "`, '"new "') });
      return codeOf(closureIn(project.root, "p.tsx#page"));
    };
    const before = identity("nothing");
    expect(identity(unused), head).toBe(before);
    expect(identity(used), head).not.toBe(before);
  }
});

test("the package that a comment turns to is imported, whatever the options say", () => {
  const runtime = (v: number): string => `export const jsx = () => ${v};`;
  const project = new Project({
    "p.tsx": "/** @jsxRuntime automatic */ /** @jsxImportSource #rt */\nexport const page = () => <b/>;",
    "rt.ts": runtime(1),
    "package.json": '{"name":"app","type":"module","imports":{"#rt/jsx-runtime":"./rt.ts"}}',
    "tsconfig.json": '{"compilerOptions":{"jsx":"react"}}',
  });
  const before = codeOf(closureIn(project.root, "p.tsx#page"));
  project.write({ "rt.ts": runtime(2) });
  expect(codeOf(closureIn(project.root, "p.tsx#page"))).not.toBe(before);
});
