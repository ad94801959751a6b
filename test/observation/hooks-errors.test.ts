import { expect, test } from "vitest";
import { HooksProject } from "./hooks-project.ts";

const MODULE = '{ "name": "p", "type": "module" }';

function failing(files: Readonly<Record<string, string>>): string {
  using made = new HooksProject({ "package.json": MODULE, ...files });
  const outcome = made.run("main.ts");
  expect(outcome.status).toBe(1);
  expect(outcome.output).toBe("");
  return outcome.errors.replaceAll(made.folder, "");
}

test("names file, line and column of a syntax error", () => {
  const errors = failing({
    "main.ts": 'import "./wrong.ts";\nconsole.log("not reached");',
    "wrong.ts": 'const s = "😀";\n\n  const = 1;\n',
  });
  expect(errors).toContain("/wrong.ts:3:9: Unexpected token.");
  expect(errors).toContain("WS_SOURCE_SYNTAX");
});

test("refuses decorators that Node cannot run, and says the cure", () => {
  const errors = failing({
    "main.ts":
      "/** @param x */\nfunction f(x: unknown): void {}\n// @not\nconst at = '@f';\n\n  @f class A {}\nconsole.log(A, at);\n",
  });
  expect(errors).toContain("/main.ts:6:3: decorators of the ECMAScript proposal cannot be run");
  expect(errors).toContain('"experimentalDecorators": true');
});

test("is not misled by what only looks like a decorator", () => {
  using made = new HooksProject({
    "package.json": MODULE,
    "main.ts":
      'const text = `\n  @f class A {}\n`;\n/* @a */ const b: string = "me@example.org";\nconsole.log(text.trim(), b);',
  });
  expect(made.run("main.ts")).toMatchObject({ errors: "", output: "@f class A {} me@example.org\n" });
});

test.for([
  ['import "./missing";', "ERR_MODULE_NOT_FOUND"],
  ['import "missing-package";', "ERR_MODULE_NOT_FOUND"],
  ['import { missing } from "./other.ts"; missing();', "does not provide an export named 'missing'"],
])("leaves Node's own error to %j", ([source, expected]) => {
  expect(failing({ "main.ts": source ?? "", "other.ts": "export const other = 1;" })).toContain(expected);
});

test("reads a broken tsconfig.json as an empty one", () => {
  using made = new HooksProject({
    "package.json": MODULE,
    "tsconfig.json": '{ "extends": "@missing/base", ',
    "main.ts": "enum A { B = 1 }\nconsole.log(A.B);",
  });
  expect(made.run("main.ts")).toMatchObject({ errors: "", output: "1\n" });
});
