import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { answeringServer } from "../rig/answering-server.ts";
import type { DrivenRun } from "../rig/project.ts";
import { TestProject } from "../rig/project.ts";

const server = answeringServer();

/**
 * A step that settles and goes on: the value that it returns takes long to be stored, since its `save` waits, and `late`
 * happens meanwhile.
 */
function projectOf(
  late: string,
  before = "",
  returned = "new Slow()",
  options = `output: value<any>({ materializer: slow })`,
): TestProject {
  return new TestProject({
    "data/a.txt": "one",
    "log.txt": "before\n",
    "pipeline.ts": `import { file, materializer, pipeline, step, value } from "warmstart";
      import fs, { readFileSync, writeFileSync } from "node:fs";
      import { readFile } from "node:fs/promises";
      import { connect } from "node:net";
      import { spawn } from "node:child_process";
      class Slow {}
      const slow = materializer("slow", {
        version: 1, is: (v): v is Slow => v instanceof Slow,
        save: async () => { await new Promise((done) => setTimeout(done, 150)); return { saved: 1 }; },
        load: () => new Slow(),
      });
      const work = step("work", { ${options} }, async (_: {}, ctx) => {
        ${before}
        setTimeout(() => { ${late.replaceAll("PORT", String(server.port))} }, 40);
        return ${returned};
      });
      export default pipeline("p", { trust: ["network", "child"] }, () => ({ a: work({}) }));`,
  });
}

function computed(run: DrivenRun): { readonly notOffered: string | undefined; readonly warnings: readonly string[] } {
  expect(run.error).toBeUndefined();
  for (const event of run.events)
    if (event.kind === "step-computed") return { notOffered: event.notOffered?.text, warnings: event.warnings };
  throw new Error("nothing was computed");
}

describe("what a step does after it has settled, while its outputs are stored, keeps its result from being offered", () => {
  const deeds: readonly (readonly [what: string, late: string, text: string, before: string])[] = [
    ["a read", `readFileSync("data/a.txt");`, "read data/a.txt", ""],
    ["a read by a promise", `void readFile("data/a.txt");`, "read data/a.txt", ""],
    ["a look for what is absent", `fs.existsSync("none.txt");`, "read none.txt", ""],
    ["a variable", `void process.env.REGION;`, "read the environment variable REGION", ""],
    ["a socket", `connect(PORT).on("error", () => 0);`, "network:localhost", ""],
    ["a program", `spawn("true").on("error", () => 0);`, "child:true", ""],
    [
      "a write to what it read",
      `writeFileSync("data/a.txt", "two");`,
      "wrote to data/a.txt",
      `readFileSync("data/a.txt");`,
    ],
  ];
  test.each(deeds)("%s", async (_, late, text, before) => {
    using project = projectOf(late, before);
    const { notOffered } = computed(await project.drive());
    expect(notOffered).toMatch(/changed while it ran|it went on after it had settled/);
    if (!text.startsWith("wrote")) expect(notOffered).toBe(`it went on after it had settled (${text})`);
    expect((await project.drive()).computed).toEqual(["work"]);
  });

  test("a write to a file that it returns", async () => {
    using project = projectOf(
      `writeFileSync("out.txt", "late");`,
      `writeFileSync("out.txt", "early");`,
      `{ slow: new Slow(), out: file("out.txt") }`,
      `outputs: { slow: value<any>({ materializer: slow }), out: value<any>() }`,
    );
    project.write({
      "pipeline.ts": readFileSync(project.path("pipeline.ts"), "utf8").replace(
        "({ a: work({}) })",
        "({ ...work({}) })",
      ),
    });
    const { notOffered } = computed(await project.drive());
    expect(notOffered).toBe("it went on after it had settled (wrote to out.txt)");
    expect((await project.drive()).computed).toEqual(["work"]);
  });
});

test("a logger that flushes is shown, and nothing else", async () => {
  using project = projectOf(`fs.appendFileSync("log.txt", "late");`);
  const { notOffered, warnings } = computed(await project.drive());
  expect({ notOffered, warnings }).toEqual({
    notOffered: undefined,
    warnings: ["wrote to log.txt after it had settled"],
  });
  expect((await project.drive()).reused).toEqual(["work"]);
});

test("what the user's own part of storing reads is the step's, and counts", async () => {
  const saving = `import { materializer, pipeline, step, value } from "warmstart"; import { readFileSync } from "node:fs";
     class Plain {}
     const plain = materializer("plain", { version: 1, is: (v): v is Plain => v instanceof Plain,
       save: () => readFileSync("data/a.txt", "utf8") + process.env.REGION, load: () => new Plain() });
     const work = step("work", { output: value<any>({ materializer: plain }) }, () => new Plain());
     export default pipeline("p", () => ({ a: work({}) }));`;
  using project = projectOf("");
  project.write({ "pipeline.ts": saving });
  const env = { REGION: "eu" };
  expect(computed(await project.drive({ env })).notOffered).toBeUndefined();
  expect((await project.drive({ env })).reused).toEqual(["work"]);
  project.write({ "data/a.txt": "two" });
  expect((await project.drive({ env })).reasons["work"]).toBe("data/a.txt changed");
  expect((await project.drive({ env: { REGION: "us" } })).computed).toEqual(["work"]);
});
