import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterAll, describe, expect, test } from "vitest";
import type { RunPlan } from "../../src/runtime/run-plan.ts";
import { answeringServer } from "../rig/answering-server.ts";
import type { DrivenRun } from "../rig/project.ts";
import { TestProject } from "../rig/project.ts";

const outside = mkdtempSync(path.join(tmpdir(), "warmstart-counter-"));
const server = answeringServer();
afterAll(() => rmSync(outside, { recursive: true, force: true }));

const counter = path.join(outside, "counter");
const times = (): number => readFileSync(counter, "utf8").length;

/** A step that counts, outside of the project, how often it runs. */
function projectOf(body: string, options = "{}"): TestProject {
  writeFileSync(counter, "");
  return new TestProject({
    "data.txt": "one",
    "thread.mjs": "1;",
    "step.ts": `import { pipeline, step } from "warmstart";
      import { appendFileSync, readFileSync } from "node:fs";
      import { spawnSync } from "node:child_process";
      import { Worker } from "node:worker_threads";
      export const work = step("work", ${options}, async () => {
        appendFileSync(${JSON.stringify(counter)}, "x");
        ${body.replaceAll("PORT", String(server.port))}
      });`,
    "pipeline.ts": pipelineOf("{}"),
  });
}

function pipelineOf(options: string): string {
  return `import { pipeline } from "warmstart"; import { work } from "./step.ts";
    export default pipeline("p", ${options}, () => ({ a: work({}) }));`;
}

function unseen(run: DrivenRun): readonly string[] {
  expect(run.error).toBeUndefined();
  return run.events.flatMap((event) =>
    event.kind === "step-computed" ? (event.notOffered?.unseen ?? []).map(({ kind, name }) => `${kind}:${name}`) : [],
  );
}

const call = `const text = await (await fetch("http://localhost:PORT/")).text();`;
const kinds: readonly (readonly [kind: string, word: string, body: string, options: string])[] = [
  ["network", "network:localhost", `${call} return text;`, "{}"],
  ["native", "native:node:sqlite", `return process.getBuiltinModule("node:sqlite") !== undefined;`, "{}"],
  ["child", "child:python3", `return String(spawnSync("python3", ["-c", "print(42)"]).stdout).trim();`, "{}"],
  [
    "thread",
    "thread:thread.mjs",
    `await new Promise((done) => new Worker(new URL("./thread.mjs", import.meta.url)).on("exit", done)); return 1;`,
    "{}",
  ],
  ["environment", "environment", `return Object.values({ ...process.env }).length > 0;`, "{}"],
  ["code", "code:eval", `return eval("6 * 7");`, "{}"],
  ["in-process", "in-process", `return 1;`, `{ executor: "in-process" }`],
];

describe("a word that is added afterwards takes what is stored: nothing is computed twice for it", () => {
  test.each(kinds)("%s, by the exact word of a pipeline", async (_, word, body, options) => {
    using project = projectOf(body, options);
    expect(unseen(await project.drive())).toHaveLength(1);
    project.write({ "pipeline.ts": pipelineOf(`{ trust: ["${word}"] }`) });
    const run = await project.drive();
    expect({ reused: run.reused, times: times() }).toEqual({ reused: ["work"], times: 1 });
  });

  test.each(kinds)("%s, by the kind in the configuration of the repository", async (kind, _, body, options) => {
    using project = projectOf(body, options);
    await project.drive();
    project.write({ "warmstart.config.ts": `export default { trust: ["${kind}"] };` });
    const run = await project.drive();
    expect({ reused: run.reused, times: times() }).toEqual({ reused: ["work"], times: 1 });
  });

  test.each(kinds)("%s, by --trust for one run", async (kind, word, body, options) => {
    using project = projectOf(body, options);
    await project.cli(["run", "pipeline.ts"]);
    const states = async (...args: readonly string[]): Promise<readonly string[]> => {
      const { stdout } = await project.cli(["run", "pipeline.ts", "--json", ...args]);
      return (JSON.parse(stdout) as { readonly steps: readonly { readonly state: string }[] }).steps.map(
        ({ state }) => state,
      );
    };
    expect(await states("--trust", word)).toEqual(["CACHED"]);
    expect(await states("--trust", kind)).toEqual(["CACHED"]);
    expect(times()).toBe(1);
    expect(await states()).toEqual(["COMPLETE"]);
    expect(times()).toBe(2);
  });

  test("by the step itself, where its code is a version", async () => {
    const code = `code: { version: "1" }`;
    using project = projectOf(`${call} return text;`, `{ ${code} }`);
    await project.drive();
    const step = readFileSync(project.path("step.ts"), "utf8");
    project.write({ "step.ts": step.replace(code, `${code}, trust: ["network:localhost"]`) });
    expect({ reused: (await project.drive()).reused, times: times() }).toEqual({ reused: ["work"], times: 1 });
  });
});

test.each(["network:example.com", "child", "native:node:sqlite"])(
  "%s does not vouch for a local call",
  async (word) => {
    using project = projectOf(`${call} return text;`);
    await project.drive();
    project.write({ "pipeline.ts": pipelineOf(`{ trust: ["${word}"] }`) });
    expect(unseen(await project.drive())).toEqual(["network:localhost"]);
  },
);

test("trust drops nothing that was seen", async () => {
  using project = projectOf(`${call} return text + readFileSync("data.txt", "utf8") + process.env.REGION;`);
  project.write({ "pipeline.ts": pipelineOf(`{ trust: ["network"] }`) });
  const at = (region: string) => project.drive({ env: { REGION: region } });
  expect((await at("eu")).outputs["a"]?.value).toBe("answeroneeu");
  expect((await at("eu")).reused).toEqual(["work"]);
  expect((await at("us")).outputs["a"]?.value).toBe("answeroneus");
  project.write({ "data.txt": "two" });
  expect((await at("us")).outputs["a"]?.value).toBe("answertwous");
});

describe("what answers for the network, and for nothing else", () => {
  test("a ttl that is added afterwards", async () => {
    using project = projectOf(`${call} return text;`);
    expect(unseen(await project.drive())).toEqual(["network:localhost"]);
    project.write({ "pipeline.ts": pipelineOf(`{ cache: { ttl: "1h" } }`) });
    expect({ reused: (await project.drive()).reused, times: times() }).toEqual({ reused: ["work"], times: 1 });
    expect(unseen(await project.drive({ options: { refresh: ["work"] } }))).toEqual([]);
    project.write({ "pipeline.ts": pipelineOf(`{ cache: { ttl: "1ms" } }`) });
    expect((await project.drive()).reasons["work"]).toContain("older than its ttl");
  });

  test("a dataVersion, as long as it says the same", async () => {
    using project = projectOf(`${call} return text;`, `{ dataVersion: () => readFileSync("data.txt", "utf8") }`);
    expect(unseen(await project.drive())).toEqual([]);
    expect((await project.drive()).reused).toEqual(["work"]);
    project.write({ "data.txt": "two" });
    expect((await project.drive()).computed).toEqual(["work"]);
  });

  test("a program needs a word of its own", async () => {
    using project = projectOf(`${call} return text + spawnSync("echo").status;`, `{ dataVersion: () => 1 }`);
    project.write({ "pipeline.ts": pipelineOf(`{ cache: { ttl: "1h" } }`) });
    expect(unseen(await project.drive())).toEqual(["child:echo"]);
    expect((await project.drive()).computed).toEqual(["work"]);
  });
});

describe("the words are said", () => {
  test("at the end of the run, and in its document", async () => {
    using project = projectOf(`${call} return text;`);
    const env = { COLUMNS: "200", CI: "" };
    const { stdout } = await project.cli(["run", "pipeline.ts"], { env });
    expect(stdout.split("\n").slice(-6, -1)).toEqual([
      expect.stringMatching(/^ {2}a/),
      "! work called localhost, which cannot be seen to change: stored, and not reused until you choose",
      '      step.ts:5   cache: { ttl: "30d" }          for a time',
      '      step.ts:5   trust: ["network:localhost"]   always',
      "    This result then counts.",
    ]);
    const document = JSON.parse((await project.cli(["run", "pipeline.ts", "--json"])).stdout) as {
      readonly steps: readonly object[];
    };
    expect(document.steps[0]).toMatchObject({
      notOffered: {
        unseen: [{ kind: "network", name: "localhost" }],
        choices: [
          { at: "step.ts:5", setting: 'cache: { ttl: "30d" }', lasts: "for a time" },
          { at: "step.ts:5", setting: 'trust: ["network:localhost"]', lasts: "always" },
        ],
      },
    });
  });

  test("by plan, where a word would reuse what is stored", async () => {
    using project = projectOf(`${call} return text + spawnSync("echo").status;`);
    const plan = async (): Promise<string> => (await project.cli(["plan", "pipeline.ts"])).stdout;
    expect(await plan()).not.toContain("trust");
    await project.drive();
    expect((await plan()).split("\n").slice(-5, -1)).toEqual([
      "! work called localhost, which cannot be seen to change, and started a program (echo), whose reads cannot be seen: stored, and not reused until you choose",
      '      step.ts:5   cache: { ttl: "30d" }, trust: ["child:echo"]   for a time',
      '      step.ts:5   trust: ["network:localhost", "child:echo"]     always',
      "    This result then counts.",
    ]);
    const { nodes } = JSON.parse((await project.cli(["plan", "pipeline.ts", "--json"])).stdout) as RunPlan;
    expect(nodes[0]).toMatchObject({ verdict: "compute", unvouched: [{ kind: "network" }, { kind: "child" }] });
    expect(await plan()).toContain("nobody vouched for");
    project.write({ "pipeline.ts": pipelineOf(`{ trust: ["network", "child:echo"] }`) });
    expect(await plan()).toContain("reuse");
  });
});
