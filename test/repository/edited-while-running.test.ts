import { renameSync, writeFileSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";
import { expect, test } from "vitest";
import { TestProject } from "../rig/project.ts";

/** Each part of the program by a number, so that any state of it can be made afresh. */
const parts: Readonly<Record<string, (n: number) => readonly [file: string, text: string]>> = {
  value: (n) => ["lib/v.ts", `export const v = ${n};`],
  helper: (n) => ["lib/h.ts", `import { v } from "./v.ts"; export const h = (x: number) => x * ${n + 2} + v;`],
  barrel: (n) => [
    "lib/barrel.ts",
    `export { h${n % 2 === 0 ? "" : "2 as h"} } from "./${n % 2 === 0 ? "h" : "h2"}.ts";`,
  ],
  plugin: (n) => ["lib/plugin.ts", `import { all } from "./all.ts"; all.push(${n});`],
  json: (n) => ["lib/c.json", `{ "c": ${n} }`],
  data: (n) => ["data.txt", `d${n}`],
  mapped: (n) => [
    "tsconfig.json",
    `{ "compilerOptions": { "paths": { "@/*": ["./${n % 2 === 0 ? "one" : "two"}/*"] } } }`,
  ],
};

const steady = {
  "lib/h2.ts": "export const h2 = (x: number) => -x;",
  "lib/all.ts": "export const all: number[] = [];",
  "one/w.ts": "export const w = 1;",
  "two/w.ts": "export const w = 2;",
  "main.ts": `import { pipeline, step } from "warmstart"; import { readFileSync } from "node:fs"; import { setTimeout } from "node:timers/promises";
    import { h } from "./lib/barrel.ts"; import { all } from "./lib/all.ts"; import "./lib/plugin.ts"; import c from "./lib/c.json" with { type: "json" };
    import { w } from "@/w.ts";
    const code = step("code", async ({ x }: { x: number }) => { await setTimeout(30); return h(x) + all.join(); });
    const conf = step("conf", ({ x }: { x: number }) => x + c.c);
    const file = step("file", async ({ x }: { x: number }) => { const a = readFileSync("data.txt", "utf8"); await setTimeout(40); return x + a + readFileSync("data.txt", "utf8"); });
    const link = step("link", ({ x }: { x: number }) => x + w);
    const all4 = step("all4", ({ parts }: { parts: unknown[] }) => parts.join("|"));
    export default pipeline("p", () => { const x = 3; return { r: all4({ parts: [code({ x }), conf({ x }), file({ x }), link({ x })] }) }; });`,
};

type State = Readonly<Record<string, number>>;

function filesOf(state: State): Record<string, string> {
  return { ...steady, ...Object.fromEntries(Object.entries(parts).map(([name, make]) => make(state[name] ?? 0))) };
}

/** Whole or not at all, as editors save. */
function edit(project: TestProject, name: string, n: number): void {
  const [file, text] = parts[name]?.(n) ?? ["", ""];
  writeFileSync(project.path("saved"), text);
  renameSync(project.path("saved"), project.path(file));
}

async function shownBy(project: TestProject): Promise<string> {
  const { stdout, stderr } = await project.cli(["run", "main.ts", "--json"]);
  const found = JSON.parse(stdout) as { readonly results?: readonly { readonly shown: string }[] };
  return found.results?.[0]?.shown ?? stderr;
}

test("two runs at once, edited meanwhile, leave nothing that a later run should not have", {
  timeout: 120_000,
}, async () => {
  const state: Record<string, number> = {};
  using project = new TestProject(filesOf(state));
  const rounds = [
    ["value", "data"],
    ["mapped", "helper", "value"],
    ["plugin", "json", "barrel", "data"],
  ];
  for (const [round, names] of rounds.entries()) {
    const running = Promise.all([shownBy(project), sleep(60).then(() => shownBy(project))]);
    for (const name of names) {
      await sleep(120);
      // There and back, or for good.
      edit(project, name, round + 5);
      if (name === "data") edit(project, name, state[name] ?? 0);
      else state[name] = round + 5;
    }
    await running;
    using fresh = new TestProject(filesOf(state));
    const wanted = await shownBy(fresh);
    expect(wanted).toMatch(/\|/);
    expect(await Promise.all([shownBy(project), shownBy(project)]), `round ${round}`).toEqual([wanted, wanted]);
  }
});
