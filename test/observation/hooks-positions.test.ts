import { expect, test } from "vitest";
import { HooksProject } from "./hooks-project.ts";

const MODULE = '{ "name": "p", "type": "module" }';

/** Prints where each call of `step` stands, as the stack's text has it. */
const recorder = `const out: string[] = [];
export function step(..._: unknown[]): any {
  const line = new Error().stack!.split("\\n")[2]!;
  out.push(/(\\d+:\\d+)\\)?$/.exec(line)![1]!);
  return step;
}
export const done = (): void => console.log(out.join(" "));
`;

/** Nothing here needs more than erasing, so Node runs it by itself and says where everything is. */
const erasable = `#!/usr/bin/env node
import { step, done } from "./recorder.ts";
interface Row { a: 1 } /* "ü😀" */
type Rows<T> = readonly T[];
const load = step("load", async ({ path }: { path: string }): Promise<Rows<Row>> => { step(path); return []; });
const s = "😀😀"; step<Row>("b"); const t: string = "ü"; step(
  "c" as string,
);
	step("d")("e")("f");
const o = { step, inner: { step } } as const;
o.step("g"); o.inner.step("h"); o?.inner?.step("i"); o.inner
  .step("j")
  .call(null, "k");
step!("l"); step\`x\${1}\`; new Map<string, number>([["a", step("m") ? 1 : 2]]);
export default step("n");
export const q = /* c */ step("q"), r: number = step("r");
class K { a: number = step("u"); static b = step("v"); m(): void { step("w"); } constructor() { step("x"); } get z(): number { return step("y"); } }
new K().m(); new K().z;
const f = async (x?: number): Promise<void> => { await null; step("z"); for (const i of [1, x]) step(i); if (x) step("2"); else step("3"); };
await f(); o["step"]("4"); (await Promise.resolve(step))("5");
function over(a: string): void; function over(a: unknown): void { step(a); }
over("1"); declare const zz: number; step("6", \`\${step("7")}\`); [1].map((x): number => step(x));
try { throw step("8"); } catch { step("9"); } finally { void load({ path: "p" }); }
done();
`;

const LINES = erasable.split("\n");

test.for(["\n", "\r\n"])("gives each call the place that Node itself gives it, lines ending in %j", (end) => {
  const main = LINES.join(end);
  using made = new HooksProject({ "package.json": MODULE, "main.ts": main, "recorder.ts": recorder });
  const bare = made.runBare("main.ts");
  expect(bare.errors).toBe("");
  expect(bare.output.split(" ").length).toBeGreaterThan(35);
  expect(bare.output).toMatch(/^5:14 6:19 6:58 9:2 9:11 /);
  expect(made.run("main.ts").output).toBe(bare.output);
  expect(made.runInWorker("main.ts").output).toBe(bare.output);
});

test("gives source places where the code is another: enums, namespaces, decorators, JSX, names of CommonJS", () => {
  using made = new HooksProject({
    "package.json": "{}",
    "tsconfig.json": '{ "compilerOptions": { "experimentalDecorators": true, "jsx": "react", "jsxFactory": "h" } }',
    "main.tsx": `import { step, done } from "./recorder.ts";
enum A { X = 1,
  Y }
namespace N { export const a = 1;
  step("6:3? no, 5:3"); }
const h = (...inner: unknown[]): unknown => inner; const mark = (_: unknown): void => undefined;
@mark class P { constructor(private a: number, public b: string) {} go(): void { step(this.a); } }
console.log(typeof __dirname); new P(A.Y, "b").go(); const view = <p a={step("8")}>
  <b/>{step("9")}</p>;
   step(view, N.a);
done();
`,
    "recorder.ts": recorder,
  });
  const outcome = made.run("main.tsx");
  expect(outcome).toMatchObject({ errors: "", output: "string\n5:3 7:82 8:73 9:8 10:4\n" });
  expect(made.runInWorker("main.tsx")).toMatchObject({ errors: "", output: outcome.output });
});

test("gives errors of user code their source places, in either thread and in CommonJS", () => {
  using made = new HooksProject({
    "package.json": "{}",
    "main.ts": `import type { T } from "./types";
import { fail } from "./fail";
import { old } from "./old";
enum E { A }
for (const one of [fail, old])
  try { one(E.A); } catch (error) {
    console.log((error as Error).stack!.split("\\n").filter((line) => line.includes("/")).map((line) => line.replace(/^.*\\//, "").replace(")", "")).slice(0, 2).join(" "));
  }
`,
    "fail.ts":
      "enum B {\n  A,\n}\nexport function fail(x: number): void {\n  interface C { a: 1 }\n  throw new TypeError(`no ${x}${B.A}`);\n}\n",
    "old.ts": "enum B {\n  A,\n}\n   exports.old = function (x: number): void { throw new Error(`no ${x}${B.A}`); };\n",
  });
  const places = "fail.ts:6:9 main.ts:6:9\nold.ts:4:53 main.ts:6:9\n";
  expect(made.run("main.ts")).toMatchObject({ errors: "", output: places });
  expect(made.runInWorker("main.ts")).toMatchObject({ errors: "", output: places });
});

test("leaves plain JavaScript the places that Node gives it, whatever map it names", () => {
  const map = { version: 3, sources: ["elsewhere.ts"], names: [], mappings: "AAAA;AACA" };
  const inline = Buffer.from(JSON.stringify(map)).toString("base64");
  using made = new HooksProject({
    "package.json": MODULE,
    "main.ts": 'import { where } from "./built.js";\nenum A { B }\nconsole.log(where(), A.B);',
    "built.js": `export const where = () =>\n  new Error().stack.split("\\n")[1].replace(/^.*\\//, "");\n//# sourceMappingURL=data:application/json;base64,${inline}\n`,
  });
  expect(made.run("main.ts")).toMatchObject({ errors: "", output: "built.js:2:3) 0\n" });
});
