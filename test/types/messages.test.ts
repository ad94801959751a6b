import { execFile } from "node:child_process";
import { mkdtemp, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, relative } from "node:path";
import { promisify } from "node:util";
import { afterAll, beforeAll, describe, expect, test } from "vitest";

/** A program that must not compile, and words that its error must say. */
interface Wrong {
  readonly name: string;
  readonly code: string;
  readonly says: readonly (string | RegExp)[];
}

const preamble = (root: string): string => `
import { pipeline } from "${root}/src/pipeline/pipeline.ts";
import { step } from "${root}/src/pipeline/step.ts";
import { secret } from "${root}/src/pipeline/secret.ts";
import { value } from "${root}/src/pipeline/value.ts";
import { z } from "zod";
class Model { weights = new Float32Array(1); predict(row: number): number { return row; } }
const load = step("load", ({ path }: { path: string }) => [path.length]);
const split = step("split", { outputs: { train: value<number[]>(), test: value<number[]>() } }, () => ({ train: [1], test: [2] }));
const fit = step("fit", ({ rows, rounds }: { rows: number[]; rounds: number }) => rows.length * rounds);
const bare = step("bare", () => new Model());
void [pipeline, step, secret, value, z, load, split, fit, bare];
`;

const wrongs: readonly Wrong[] = [
  {
    name: "a plain value among the results",
    code: `pipeline("p", () => ({ rows: load({ path: "x" }), n: 1 }));`,
    says: ["Type 'number' is not assignable", "a pipeline gives back outputs of steps: return this from a step"],
  },
  {
    name: "a plain value deep among the results",
    code: `pipeline("p", () => ({ all: { n: "text" } }));`,
    says: ["Type 'string' is not assignable", "a pipeline gives back outputs of steps: return this from a step"],
  },
  {
    name: "an async builder",
    code: `pipeline("p", async () => ({ rows: load({ path: "x" }) }));`,
    says: ["a builder only connects steps and cannot be async: move what it awaits into a step"],
  },
  {
    name: "an async builder behind options",
    code: `pipeline("p", { params: z.object({ n: z.number() }) }, async ({ n }) => ({ x: fit({ rows: [], rounds: n }) }));`,
    says: ["a builder only connects steps and cannot be async: move what it awaits into a step"],
  },
  {
    name: "an output alone",
    code: `pipeline("p", () => load({ path: "x" }));`,
    says: ["a pipeline gives back a record: return { name: output }"],
  },
  {
    name: "an array at the top",
    code: `pipeline("p", () => [load({ path: "x" })]);`,
    says: ["a pipeline gives back a record: return { name: output }"],
  },
  {
    name: "a value with methods and no materializer",
    code: `pipeline("p", () => ({ model: bare() }));`,
    says: ["not storable: a function or an object with methods needs `output: value<T>({ materializer })`"],
  },
  {
    name: "a wrong upstream type",
    code: `fit({ rows: fit({ rows: [], rounds: 1 }), rounds: 1 });`,
    says: ["Output<number>", "Lifted<number[]>"],
  },
  { name: "a missing input", code: `fit({ rows: [] });`, says: ["Property 'rounds' is missing"] },
  { name: "an unknown input", code: `fit({ rows: [], rounds: 1, extra: 2 });`, says: ["'extra' does not exist"] },
  {
    name: "a step instead of its output",
    code: `fit({ rows: load, rounds: 1 });`,
    says: ["Lifted<number[]>", "Step<"],
  },
  {
    name: "an unknown option",
    code: `step("s", { retry: 1, tiemout: "2h" }, () => 1);`,
    says: ["`tiemout` is no option of a step"],
  },
  {
    name: "an unknown option of a call",
    code: `load({ path: "x" }, { afterr: [] });`,
    says: ["Did you mean to write 'after'?"],
  },
  {
    name: "an unknown option of a pipeline",
    code: `pipeline("p", { chache: "off" }, () => ({ rows: load({ path: "x" }) }));`,
    says: ["Did you mean to write 'cache'?"],
  },
  {
    name: "a wrong output",
    code: `step("s", { output: value<number>() }, () => "x");`,
    says: ["Type 'string' is not assignable to type 'number"],
  },
  {
    name: "a missing output",
    code: `step("s", { outputs: { a: value<number>() } }, ({ x }: { x: number }) => ({ b: x }));`,
    says: ["Type '{ b: number; }' is not assignable", "{ readonly a: number; }"],
  },
  { name: "an output that there is not", code: `void split().tran;`, says: ["Did you mean 'train'?"] },
  {
    name: "missing parameters",
    code: `pipeline("p", ({ path }: { path: string }) => ({ r: load({ path }) }))();`,
    says: ["Expected 1 arguments, but got 0"],
  },
  {
    name: "a property of a handle",
    code: `void load({ path: "x" }).length;`,
    says: ["Property 'length' does not exist on type 'Output<number[]>'"],
  },
];

const root = join(import.meta.dirname, "../..");
let folder = "";
let output = "";

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "warmstart-types-"));
  await symlink(join(root, "node_modules"), join(folder, "node_modules"));
  const compilerOptions = {
    types: ["node"],
    typeRoots: [join(root, "node_modules/@types")],
    isolatedDeclarations: false,
  };
  const project = { extends: join(root, "tsconfig.json"), compilerOptions, include: ["*.ts"] };
  await writeFile(join(folder, "tsconfig.json"), JSON.stringify(project));
  await writeFile(join(folder, "package.json"), '{ "type": "module" }');
  const head = preamble(relative(folder, root));
  await Promise.all(wrongs.map(({ code }, index) => writeFile(join(folder, `wrong-${index}.ts`), `${head}${code}\n`)));
  await writeFile(join(folder, "right.ts"), `${head}pipeline("p", () => ({ rows: load({ path: "x" }) }));\n`);
  output = await compile(folder);
}, 60_000);

afterAll(async () => {
  await rm(folder, { recursive: true, force: true });
});

async function compile(project: string): Promise<string> {
  const compiler = join(root, "node_modules/.bin/tsc");
  try {
    return (
      await promisify(execFile)(compiler, ["-p", project, "--pretty", "false", "--noErrorTruncation"], { cwd: project })
    ).stdout;
  } catch (error) {
    return String((error as { readonly stdout?: unknown }).stdout);
  }
}

/** The compiler's words about one file, continuation lines included. */
function errorsOf(file: string): string {
  const lines = output.split("\n");
  const starts = lines.flatMap((line, index) => (line.startsWith(`${file}(`) ? [index] : []));
  return starts
    .map((start) => {
      const rest = lines.slice(start + 1);
      const end = rest.findIndex((line) => !line.startsWith(" "));
      return [lines[start], ...rest.slice(0, end < 0 ? rest.length : end)].join("\n");
    })
    .join("\n");
}

describe("a wrong program is told what is wrong", () => {
  test("and a right one nothing", () => {
    expect(errorsOf("right.ts")).toBe("");
  });

  test.each(wrongs.map((wrong, index) => ({ ...wrong, index })))("$name", ({ says, index }) => {
    const errors = errorsOf(`wrong-${index}.ts`);
    for (const words of says) expect(errors).toMatch(typeof words === "string" ? new RegExp(escaped(words)) : words);
    expect(errors).not.toContain("No overload matches");
    expect(errors.match(/error TS/g)).toHaveLength(1);
  });
});

function escaped(text: string): string {
  return text.replace(/[.*+?^${}()|[\]\\]/g, "\\$&");
}
