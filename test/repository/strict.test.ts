import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import type { DrivenRun } from "../rig/project.ts";
import { TestProject } from "../rig/project.ts";

function projectOf(body: string, options: string | undefined = "{ strict: true }", top = ""): TestProject {
  return new TestProject({
    "data/a.txt": "one",
    "log.txt": "before\n",
    "pipeline.ts": `import { pipeline, step, file } from "warmstart";
      import fs, { readFileSync, writeFileSync } from "node:fs";
      import { spawnSync } from "node:child_process";
      import path from "node:path";
      ${top}
      const work = step("work", ${options}, async (_: {}, ctx) => {
        ${body}
      });
      export default pipeline("p", () => ({ a: work({}) }));`,
  });
}

/** The lines of a strict failure, without the first. */
function deeds({ error }: DrivenRun): readonly string[] {
  expect(error?.code).toBe("WS_STEP_FAILED");
  const { failures } = (error as unknown as { details: { failures: { error: { code: string; message: string } }[] } })
    .details;
  expect(failures[0]?.error.code).toBe("WS_STRICT");
  return (failures[0]?.error.message ?? "")
    .split("\n")
    .slice(1)
    .map((line) => line.trim());
}

const wrong: readonly (readonly [what: string, body: string, deeds: readonly string[], hint: string])[] = [
  ["a file", `return readFileSync("data/a.txt", "utf8");`, ["read data/a.txt"], "ctx.file"],
  ["what is absent", `return fs.existsSync("none.txt");`, ["read none.txt"], "ctx.file"],
  ["a folder", `return fs.readdirSync("data");`, ["read data"], "ctx.directory"],
  ["a variable", `return process.env.REGION ?? "";`, ["read the environment variable REGION"], "ctx.env"],
  ["a program", `return spawnSync("echo").status;`, ["child:echo (pipeline.ts:7)"], `trust: ["child:echo"]`],
  ["all variables", `return typeof { ...process.env };`, [expect.stringMatching(/^environment \(/)], "trust"],
  ["a file that is written", `writeFileSync("out.csv", "x"); return 1;`, ["wrote to out.csv"], "ctx.tempDirectory"],
  [
    "a log that is appended to",
    `fs.appendFileSync("log.txt", "x"); return 1;`,
    [expect.stringMatching(/^wrote to log\.txt, /)],
    "ctx.tempDirectory",
  ],
];

describe("a strict step fails, by name, for", () => {
  test.each(wrong)("%s", async (_, body, expected, hint) => {
    using project = projectOf(body);
    const run = await project.drive();
    expect(deeds(run)).toEqual(expected);
    expect(run.error?.hint).toContain(hint);
  });

  test("what a module does while it is evaluated", async () => {
    using project = projectOf(`return text;`, undefined, `const text = readFileSync("data/a.txt", "utf8");`);
    expect(deeds(await project.drive())).toEqual(["read data/a.txt"]);
  });

  test("running where nothing can be kept apart", async () => {
    using project = projectOf(`return 1;`, `{ strict: true, executor: "in-process" }`);
    expect(deeds(await project.drive())).toEqual([expect.stringMatching(/^in-process/)]);
  });

  test("all of it at once, and again by the next run: nothing of it is offered", async () => {
    using project = projectOf(
      `return readFileSync("data/a.txt", "utf8") + process.env.REGION + spawnSync("echo").status;`,
    );
    for (const _ of [1, 2])
      expect(deeds(await project.drive())).toEqual([
        "child:echo (pipeline.ts:7)",
        "read the environment variable REGION",
        "read data/a.txt",
      ]);
    project.write({
      "pipeline.ts": readFileSync(project.path("pipeline.ts"), "utf8").replace("strict: true", "strict: false"),
    });
    expect((await project.drive()).computed).toEqual(["work"]);
  });
});

describe("a strict step may", () => {
  const right: readonly (readonly [what: string, body: string, options: string | undefined])[] = [
    ["compute", `return 6 * 7;`, undefined],
    ["read what it declares", `return readFileSync(ctx.file("data/a.txt"), "utf8") + ctx.env("REGION");`, undefined],
    [
      "read below a folder that it declares",
      `const d = ctx.directory("data"); return fs.readdirSync(d).length + readFileSync(path.join(d, "a.txt"), "utf8");`,
      undefined,
    ],
    [
      "write into its temporary folder and return that",
      `const out = path.join(ctx.tempDirectory, "out.txt"); writeFileSync(out, "x"); return file(out);`,
      undefined,
    ],
    ["do what somebody vouches for", `return spawnSync("echo").status;`, `{ strict: true, trust: ["child:echo"] }`],
  ];
  test.each(right)("%s", async (_, body, options) => {
    using project = projectOf(body, options);
    const run = await project.drive();
    expect(run.error).toBeUndefined();
    expect((await project.drive()).reused).toEqual(["work"]);
  });
});

test("the repository's word holds where a step says nothing, and a step's own goes before it", async () => {
  using project = projectOf(`return readFileSync("data/a.txt", "utf8");`, "{}");
  project.write({ "warmstart.config.ts": "export default { strict: true };" });
  expect(deeds(await project.drive())).toEqual(["read data/a.txt"]);
  using lax = projectOf(`return readFileSync("data/a.txt", "utf8");`, "{ strict: false }");
  lax.write({ "warmstart.config.ts": "export default { strict: true };" });
  expect((await lax.drive()).error).toBeUndefined();
});

test("the command line says what, and how to mend it", async () => {
  using project = projectOf(`return readFileSync("data/a.txt", "utf8");`);
  const { stdout, exitCode } = await project.cli(["run", "pipeline.ts"]);
  expect(exitCode).toBe(1);
  expect(stdout).toContain("work is strict, and did what was not declared:");
  expect(stdout).toContain("read data/a.txt");
  expect(stdout).toContain("ctx.file");
});
