import { existsSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { digestOf } from "../../src/encoding/digest.ts";
import { typeScriptModule } from "../../src/observation/typescript-module.ts";
import { HooksProject } from "./hooks-project.ts";

const files = {
  "package.json": '{ "type": "module" }',
  ".warmstart/repository.json": "{}",
  "main.ts":
    'enum A { B = "kept" }\nconst place = (): string => new Error().stack!.split("\\n")[2]!.replace(/^.*main/, "main");\nconsole.log(A.B,\n  place());',
};

function entries(made: HooksProject): readonly string[] {
  const folder = join(made.folder, ".warmstart/transformed-v1");
  return existsSync(folder) ? readdirSync(folder).map((name) => join(folder, name)) : [];
}

test("keeps what it made beside the repository's data, and uses it", () => {
  using made = new HooksProject(files);
  const prints = { errors: "", output: "kept main.ts:4:3)\n", stamped: ["main.ts"] };
  expect(made.run("main.ts")).toMatchObject(prints);
  expect(entries(made)).toHaveLength(1);
  expect(made.run("main.ts")).toMatchObject(prints);
  expect(made.runInWorker("main.ts")).toMatchObject(prints);
  const [entry = ""] = entries(made);
  const body = readFileSync(entry, "utf8").slice(65).replace("kept", "used");
  writeFileSync(entry, `${digestOf(body)}\n${body}`);
  expect(made.run("main.ts").output).toContain("used");
});

test("makes a damaged or cut entry again", () => {
  using made = new HooksProject(files);
  made.run("main.ts");
  const [entry = ""] = entries(made);
  const whole = readFileSync(entry, "utf8");
  for (const damaged of [
    whole.replace("kept", "bad!"),
    whole.slice(0, -20),
    whole.slice(0, 10),
    "",
    whole.replace("module", "common"),
  ]) {
    writeFileSync(entry, damaged);
    expect(made.run("main.ts")).toMatchObject({ errors: "", output: "kept main.ts:4:3)\n" });
    expect(readFileSync(entry, "utf8")).toBe(whole);
  }
});

test("makes a source anew when it, its settings or its package differ", () => {
  using made = new HooksProject({ ...files, "main.ts": 'class A { x; }\nconsole.log("x" in new A());' });
  const outputs = [made.run("main.ts").output];
  writeFileSync(join(made.folder, "tsconfig.json"), '{ "compilerOptions": { "useDefineForClassFields": false } }');
  outputs.push(made.run("main.ts").output);
  writeFileSync(join(made.folder, "main.ts"), 'class A { x = 1; }\nconsole.log("x" in new A(), typeof require);');
  outputs.push(made.run("main.ts").output);
  writeFileSync(join(made.folder, "package.json"), '{ "type": "commonjs" }');
  outputs.push(made.run("main.ts").output);
  expect(outputs).toEqual(["true\n", "false\n", "true undefined\n", "true function\n"]);
  expect(entries(made)).toHaveLength(4);
});

test("runs where nothing can be kept, and never makes a repository", () => {
  using blocked = new HooksProject({ ...files, ".warmstart/transformed-v1": "a file" });
  expect(blocked.run("main.ts")).toMatchObject({ errors: "", output: "kept main.ts:4:3)\n" });
  const { ".warmstart/repository.json": _, ...without } = files;
  using bare = new HooksProject(without);
  expect(bare.run("main.ts")).toMatchObject({ errors: "", output: "kept main.ts:4:3)\n" });
  expect(existsSync(join(bare.folder, ".warmstart"))).toBe(false);
  using unfinished = new HooksProject({ ...without, ".warmstart/.gitignore": "*" });
  expect(unfinished.run("main.ts").errors).toBe("");
  expect(readdirSync(join(unfinished.folder, ".warmstart"))).toEqual([".gitignore"]);
});

test("keeps nothing in a step's name: what the loader writes is no side effect of the code that imports", () => {
  const observer = JSON.stringify(new URL("../../src/observation/write-observer.ts", import.meta.url).href);
  using made = new HooksProject({
    ...files,
    "main.ts": `import { writeFileSync } from "node:fs";
const { observeWrites } = await import(${observer});
const seen: string[] = [];
observeWrites((write: { path: string }) => seen.push(write.path.replace(/^.*\\//, "")));
await import("./late.ts");
writeFileSync("own.txt", "");
console.log(seen.join());`,
    "late.ts": "export enum A { B }",
  });
  expect(made.runInWorker("main.ts")).toMatchObject({ errors: "", output: "own.txt\n" });
  expect(entries(made)).toHaveLength(2);
});

// Entries outlive a release: where this fails and the transform's version is the same, raise the number in the folder's name.
test("makes the same text as the release that named the folder", () => {
  const samples = [
    [
      "a.ts",
      'import { T, v } from "./b";\nexport enum E { A = 1 }\nexport const x: T = v as T;\nclass P { constructor(private a: number) {} }\n',
    ],
    ["b.cts", 'import fs = require("node:fs");\nexport = fs;\n'],
    ["c.ts", "console.log(__dirname, require.main === module);\nexport {};\n"],
    ["d.tsx", "export const view = <p a={1}>x</p>;\n"],
  ] as const;
  using made = new HooksProject({ "package.json": "{}" });
  const texts = samples.map(([name, text]) => typeScriptModule(join(made.folder, name), text));
  expect(digestOf(JSON.stringify(texts))).toBe("047802513843db6e64994cceb57433dfad5d87c51f8ef3a44446db10e16cc7d4");
});
