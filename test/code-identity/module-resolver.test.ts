import { expect, test } from "vitest";
import { createModuleResolver } from "../../src/code-identity/module-resolver.ts";
import type { ResolveKind } from "../../src/code-identity/module-resolver.ts";
import { Project } from "./project.ts";

function resolverOf(files: Readonly<Record<string, string>>, conditions?: readonly string[]) {
  const project = new Project({ "main.ts": "", ...files });
  const resolver = createModuleResolver({ projectRoot: project.root, ...(conditions && { conditions }) });
  const resolve = (specifier: string, kind: ResolveKind = "import", importer = "main.ts"): string => {
    const found = resolver.resolve(specifier, `${project.root}/${importer}`, kind);
    return found.kind === "file"
      ? found.path.replace(`${project.root}/`, "")
      : found.kind === "builtin"
        ? found.name
        : found.kind;
  };
  return { project, resolver, resolve };
}

test("finds what TypeScript projects mean, and what Node would load first", () => {
  const { resolve } = resolverOf({
    "a.ts": "",
    "b.tsx": "",
    "both.js": "",
    "both.ts": "",
    "dir/index.ts": "",
    "d.json": "{}",
    "m.mts": "",
    "c.cts": "",
    "with space.ts": "",
    "lib/x.ts": "",
    "tsconfig.json": '{ "compilerOptions": { "paths": { "@/*": ["./lib/*"] } } }',
  });
  const expected: Readonly<Record<string, string>> = {
    "./a.ts": "a.ts",
    "./a.js": "a.ts",
    "./a": "a.ts",
    "./b.js": "b.tsx",
    "./b": "b.tsx",
    "./both.js": "both.js",
    "./dir": "dir/index.ts",
    "./d.json": "d.json",
    "./m.mjs": "m.mts",
    "./c.cjs": "c.cts",
    "./a.ts?v=1#x": "a.ts",
    "./with%20space.ts": "with space.ts",
    "@/x": "lib/x.ts",
    "@/x.js": "lib/x.ts",
    fs: "node:fs",
    "node:sqlite": "node:sqlite",
    "./nowhere.ts": "unresolved",
    nowhere: "unresolved",
    "https://example.org/x.js": "unresolved",
  };
  for (const [specifier, target] of Object.entries(expected)) expect(resolve(specifier), specifier).toBe(target);
  expect(resolve("./a.ts", "require")).toBe("a.ts");
});

test("follows exports, imports, conditions, self-references and links, as Node does", () => {
  const files = {
    "package.json": '{"name":"app","type":"module","imports":{"#in":"./in.ts"},"exports":{".":"./in.ts"}}',
    "in.ts": "",
    "node_modules/two/package.json":
      '{"name":"two","exports":{".":{"special":"./special.js","import":"./i.mjs","require":"./r.cjs"},"./deep":"./d.js","./only":{"types":"./x.d.ts"}}}',
    "node_modules/two/special.js": "",
    "node_modules/two/i.mjs": "",
    "node_modules/two/r.cjs": "",
    "node_modules/two/d.js": "",
    "node_modules/main/package.json": '{"name":"main","main":"lib/start"}',
    "node_modules/main/lib/start.js": "",
    "packages/w/package.json": '{"name":"w","exports":"./src/index.ts"}',
    "packages/w/src/index.ts": "",
  };
  const { project, resolve } = resolverOf(files, []);
  project.link("packages/w", "node_modules/w");
  expect(resolve("#in")).toBe("in.ts");
  expect(resolve("app")).toBe("in.ts");
  expect(resolve("two")).toBe("node_modules/two/i.mjs");
  expect(resolve("two", "require")).toBe("node_modules/two/r.cjs");
  expect(resolve("two/deep")).toBe("node_modules/two/d.js");
  expect(resolve("two/hidden.js")).toBe("unresolved");
  expect(resolve("two/only")).toBe("unresolved");
  expect(resolve("main", "require")).toBe("node_modules/main/lib/start.js");
  expect(resolve("w")).toBe("packages/w/src/index.ts");
  expect(resolverOf(files, ["special"]).resolve("two")).toBe("node_modules/two/special.js");
});

test("sees a new file after `forget`", () => {
  const { project, resolver, resolve } = resolverOf({});
  expect(resolve("./late")).toBe("unresolved");
  project.write({ "late.ts": "" });
  resolver.forget();
  expect(resolve("./late")).toBe("late.ts");
});
