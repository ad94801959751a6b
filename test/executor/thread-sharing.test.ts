import { mkdtempSync, realpathSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { pathToFileURL } from "node:url";
import { afterAll, expect, test } from "vitest";
import { openArtifactStore } from "../../src/artifact-store/open-artifact-store.ts";
import { WorkerThreadExecutor } from "../../src/executor/backends/worker-thread/worker-thread-executor.ts";
import type { StepTask } from "../../src/executor/executor.ts";
import { createMaterializerRegistry } from "../../src/materializer/registry.ts";
import { executorTask } from "../../src/testing/executor-task.ts";
import { ownModule } from "../../src/util/own-code.ts";

const root = realpathSync(mkdtempSync(path.join(tmpdir(), "warmstart-sharing-")));
afterAll(() => rmSync(root, { recursive: true, force: true }));

/** `count` tells how many steps its thread ran before. That a step leaves nothing is claimed here, not proved. */
const functions = {
  count: "() => ++count",
  throws: `() => { ++count; throw new Error("no"); }`,
  addsToPrototype: "() => { Array.prototype.added = 1; return ++count; }",
  replacesBuiltin: "() => { Math.max = () => 7; return ++count; }",
  replacesClass: "() => { globalThis.Map = class extends Map {}; return ++count; }",
  hidesBehindAccessor:
    "() => { const { at } = Array.prototype; Object.defineProperty(Array.prototype, 'at', { get: () => at, configurable: true }); return ++count; }",
  replacesSetter:
    "() => { const { get } = Object.getOwnPropertyDescriptor(URL.prototype, 'hash'); Object.defineProperty(URL.prototype, 'hash', { get, set: () => ++count }); return ++count; }",
  forbidsWriting: "() => { Object.defineProperty(Math, 'max', { writable: false }); return ++count; }",
  givesPrototype: "() => { Object.setPrototypeOf(Math, { added: 1 }); return ++count; }",
  replacesWhatLooks:
    "() => { const { ownKeys } = Reflect; Reflect.ownKeys = (of) => ownKeys(of).filter((key) => key !== 'added'); Object.is = () => true; Array.prototype.every = () => true; Array.prototype.added = 1; return ++count; }",
  setsGlobal: "() => { globalThis.left = 1; return ++count; }",
  startsTimer: "() => { setTimeout(() => {}, 60_000); return ++count; }",
  setsVariable: "() => { process.env.SHARING = 'left'; return ++count; }",
  removesVariable: "() => { delete process.env.SHARING; return ++count; }",
  readsVariable: "() => { ++count; return process.env.SHARING ?? 'none'; }",
  writesFile: `() => { writeFileSync(${JSON.stringify(path.join(root, "left.txt"))}, "x"); return ++count; }`,
} as const;
type Name = keyof typeof functions;

const names = Object.keys(functions) as Name[];
const file = path.join(root, "steps.mjs");
writeFileSync(
  file,
  `import { writeFileSync } from "node:fs"; import { step } from ${JSON.stringify(ownModule("index").href)}; let count = 0;
${names.map((name) => `step("${name}", ${functions[name]});`).join("\n")}
`,
);
const url = pathToFileURL(file).href;
const store = await openArtifactStore({ kind: "local", folder: path.join(root, "store"), durability: "process-crash" });

function taskOf(name: Name, contained: boolean): StepTask {
  const step = { name, definedAt: { url, line: 2 + names.indexOf(name), column: 1 }, occurrence: 0 };
  return { ...executorTask({ root, url, step, artifacts: store.location }), contained };
}

/** What each step returned, or its outcome, run one after the other; a `!` before the name: not claimed to leave nothing. */
async function results(...steps: readonly (Name | `!${Name}`)[]): Promise<readonly unknown[]> {
  await using executor = new WorkerThreadExecutor();
  const found: unknown[] = [];
  for (const step of steps) {
    const contained = !step.startsWith("!");
    const task = taskOf(step.replace("!", "") as Name, contained);
    const result = await executor.execute(task, { signal: new AbortController().signal, onSignal: () => undefined });
    const stored = result.kind === "done" ? result.outputs[0]?.stored : undefined;
    const context = { blobs: store, filesFolder: async (): Promise<string> => root };
    const materializers = createMaterializerRegistry(new Map());
    found.push(stored === undefined ? result.kind : await materializers.byType(stored.type).load(stored, context));
  }
  return found;
}

test("steps that leave nothing share a thread", async () => {
  expect(await results("count", "count", "count")).toEqual([1, 2, 3]);
});

test("any other step gets a thread in which nothing ran", async () => {
  expect(await results("!count", "!count", "count", "!count", "count")).toEqual([1, 1, 1, 1, 2]);
});

test.for([
  ["addsToPrototype", 1],
  ["replacesBuiltin", 1],
  ["replacesClass", 1],
  ["hidesBehindAccessor", 1],
  ["replacesSetter", 1],
  ["forbidsWriting", 1],
  ["givesPrototype", 1],
  ["replacesWhatLooks", 1],
  ["setsGlobal", 1],
  ["setsVariable", 1],
  ["removesVariable", 1],
  ["startsTimer", 1],
  ["writesFile", 1],
  ["readsVariable", "none"],
  ["throws", "failed"],
] as const)("a step that was taken for one and left something ends its thread: %s", async ([name, returned]) => {
  expect(await results(name, "count")).toEqual([returned, 1]);
});
