import assert from "node:assert/strict";
import { chmodSync, mkdirSync, mkdtempSync, readdirSync, realpathSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import type { ArtifactStore } from "../artifact-store/artifact-store.ts";
import { openArtifactStore } from "../artifact-store/open-artifact-store.ts";
import { encodeCanonical } from "../encoding/canonical.ts";
import { digestOf } from "../encoding/digest.ts";
import type { ExecuteOptions, Executor, StepResult, StepSignal, StepTask, TaskProperty } from "../executor/executor.ts";
import { readLog } from "../executor/output-capture.ts";
import { createMaterializerRegistry } from "../materializer/registry.ts";
import type { StoredValue } from "../model/artifact.ts";
import { writeSteps } from "./executor-steps.ts";
import { executorTask } from "./executor-task.ts";
import type { SuiteSteps } from "./executor-steps.ts";
import type { SuiteApi } from "./suite-api.ts";

/** What an executor may need besides its tasks. */
export interface ExecutorSurroundings {
  readonly artifacts: ArtifactStore;
  /** Absolute path of the folder in which the suite's steps stand. */
  readonly projectRoot: string;
  /** The step's function in this thread, for executors that run steps here. */
  functionOf(task: StepTask): (inputs: unknown, context: unknown) => unknown;
}

/** The backend under test. */
export interface ExecutorSubject {
  readonly name: string;
  /** An executor of its own for every test; the suite closes it. */
  open(surroundings: ExecutorSurroundings): Promise<Executor>;
  /**
   * Whether steps run apart from this thread: then a step that never yields is ended, two attempts share no module, and
   * what was loaded is compared with the task. Tests of these are left out otherwise.
   */
  readonly apart: boolean;
}

/**
 * What every executor must do: each obligation of the port is a test.
 *
 * @example
 * ```ts
 * import { describe, test } from "node:test";
 * import { executorSuite } from "warmstart/testing";
 *
 * executorSuite({ describe, test }, { name: "mine", apart: true, open: async () => new MyExecutor() });
 * ```
 */
export function executorSuite(api: SuiteApi, subject: ExecutorSubject): void {
  const test: ExecutorTest = (name, body) => {
    api.test(name, async () => {
      await using bench = await Bench.open(subject);
      await body(bench);
    });
  };
  api.describe(`executor: ${subject.name}`, () => {
    resultTests(test);
    failureTests(test, subject);
    endingTests(test, subject);
    inputTests(test);
    observationTests(test);
    outputTests(test);
    if (subject.apart) apartTests(test);
  });
}

type ExecutorTest = (name: string, body: (bench: Bench) => Promise<void>) => void;
type Done = Extract<StepResult, { kind: "done" }>;
type Failed = Extract<StepResult, { kind: "failed" }>;

const handle = Symbol("handle");

/** A property that is configuration, or one whose hole has a label. */
function property(name: string, value: unknown, label?: string): TaskProperty {
  const hole = (item: unknown): string | undefined => (item === handle ? label : undefined);
  return { name, bytes: encodeCanonical(label === undefined ? value : handle, { hole }) };
}

/** For the step `writes`. */
function writing(bench: Bench): Partial<StepTask> {
  return { properties: [property("folder", bench.root)] };
}

/** A project with the suite's steps, a store, and the executor under test. */
class Bench implements AsyncDisposable {
  readonly root: string;
  readonly steps: SuiteSteps;
  readonly artifacts: ArtifactStore;
  readonly executor: Executor;
  readonly signals: StepSignal[] = [];
  readonly materializers = createMaterializerRegistry(new Map());

  private constructor(root: string, steps: SuiteSteps, artifacts: ArtifactStore, executor: Executor) {
    this.root = root;
    this.steps = steps;
    this.artifacts = artifacts;
    this.executor = executor;
  }

  static async open(subject: ExecutorSubject): Promise<Bench> {
    const root = realpathSync(mkdtempSync(path.join(tmpdir(), "warmstart-executor-")));
    writeFileSync(path.join(root, "package.json"), `{ "name": "suite", "private": true, "type": "module" }`);
    const steps = writeSteps(root);
    const folder = path.join(root, "store");
    const artifacts = await openArtifactStore({ kind: "local", folder, durability: "process-crash" });
    const functionOf = ({ step }: StepTask): SuiteSteps["functions"][string] => {
      const found = steps.functions[step.name];
      assert.ok(found);
      return found;
    };
    return new Bench(root, steps, artifacts, await subject.open({ artifacts, projectRoot: root, functionOf }));
  }

  path(name: string): string {
    return path.join(this.root, name);
  }

  write(name: string, text: string): void {
    mkdirSync(path.dirname(this.path(name)), { recursive: true });
    writeFileSync(this.path(name), text);
  }

  task(step: string, change: Partial<StepTask> = {}): StepTask {
    const { artifacts, root, steps } = this;
    const { url } = steps;
    return {
      ...executorTask({ root, url, step: steps.addressOf(step), artifacts: artifacts.location }),
      ...change,
    };
  }

  async run(step: string, change: Partial<StepTask> = {}, options: Partial<ExecuteOptions> = {}): Promise<StepResult> {
    const { signal } = new AbortController();
    const onSignal = (sign: StepSignal): void => void this.signals.push(sign);
    return this.executor.execute(this.task(step, change), { signal, onSignal, ...options });
  }

  async done(step: string, change: Partial<StepTask> = {}): Promise<Done> {
    const result = await this.run(step, change);
    assert.equal(result.kind, "done", JSON.stringify(result));
    return result as Done;
  }

  async failed(step: string, change: Partial<StepTask> = {}): Promise<Failed> {
    const result = await this.run(step, change);
    assert.equal(result.kind, "failed", JSON.stringify(result));
    return result as Failed;
  }

  async save(value: unknown): Promise<StoredValue> {
    return this.materializers.forValue(value).save(value, { blobs: this.artifacts, forbiddenPaths: [] });
  }

  async load(stored: StoredValue | undefined): Promise<unknown> {
    assert.ok(stored);
    const filesFolder = async (): Promise<string> => this.path("files");
    return this.materializers.byType(stored.type).load(stored, { blobs: this.artifacts, filesFolder });
  }

  async valueOf({ outputs }: Done, name = "output"): Promise<unknown> {
    return this.load(outputs.find((output) => output.name === name)?.stored);
  }

  async logOf(result: StepResult): Promise<string> {
    assert.ok("log" in result && result.log);
    const lines = readLog(await this.artifacts.read(result.log.digest));
    return lines.map(({ stream, text }) => `${stream}:${text}`).join("");
  }

  leftovers(): readonly string[] {
    mkdirSync(this.path("own/tmp"), { recursive: true });
    return readdirSync(this.path("own/tmp"));
  }

  fileOf({ digest }: StoredValue): string {
    return path.join(this.path("store/objects-v1"), digest.slice(0, 2), digest.slice(2));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.executor[Symbol.asyncDispose]();
    await this.artifacts[Symbol.asyncDispose]();
    rmSync(this.root, { recursive: true, force: true, maxRetries: 3 });
  }
}

function resultTests(test: ExecutorTest): void {
  test("a result is stored whole before it is told", async (bench) => {
    const result = await bench.done("echo", { properties: [property("n", 1)] });
    const blobs = result.outputs.flatMap(({ stored }) => stored.blobs);
    assert.deepEqual(await bench.artifacts.has(blobs), [true]);
    assert.deepEqual(await bench.valueOf(result), { n: 1 });
    assert.ok(result.durationMs >= 0);
    assert.equal(result.executor, bench.executor.kind);
  });

  test("several outputs are stored one by one; another set of them is refused", async (bench) => {
    const outputs = [{ name: "left" }, { name: "right" }];
    const result = await bench.done("pair", { outputs, manyOutputs: true });
    assert.deepEqual([await bench.valueOf(result, "left"), await bench.valueOf(result, "right")], [1, [2]]);
    const wrong = await bench.failed("onlyLeft", { outputs, manyOutputs: true });
    assert.deepEqual([wrong.error.code, wrong.retryable], ["WS_BAD_RESULT", false]);
  });

  test("the random numbers of a step depend on its seed alone", async (bench) => {
    const numbers = async (change: Partial<StepTask>): Promise<unknown> =>
      bench.valueOf(await bench.done("random", change));
    const first = await numbers({});
    assert.deepEqual(await numbers({ nodeId: "other", attempt: 2 }), first);
    assert.notDeepEqual(await numbers({ seed: digestOf("another seed") }), first);
  });
}

function failureTests(test: ExecutorTest, { apart }: ExecutorSubject): void {
  const thrown: readonly (readonly [string, string, string])[] = [
    ["throws", "RangeError", "too far"],
    ["throwsText", "string", "just text"],
    ["throwsNothing", "undefined", "undefined"],
    ["throwsOddly", "42", "odd"],
    ["rejects", "Error", "later"],
  ];
  for (const [step, name, message] of thrown) {
    test(`a failure is a value: ${step}`, async (bench) => {
      const { error, retryable } = await bench.failed(step);
      assert.deepEqual([error.name, error.message, retryable], [name, message, true]);
    });
  }

  test("what cannot be stored fails for good, and its plain fields are kept aside", async (bench) => {
    const { error, retryable, keptAside } = await bench.failed("returnsClass");
    assert.equal(retryable, false);
    assert.match(error.hint ?? "", /kept/);
    assert.ok(keptAside?.startsWith(bench.path("own/aside")));
  });

  if (!apart) return;
  for (const step of ["exits", "neverSettles", "failsBeside"]) {
    test(`an end of the step's own thread is a value: ${step}`, async (bench) => {
      assert.notEqual((await bench.failed(step)).error.message, "");
      assert.deepEqual(await bench.valueOf(await bench.done("echo")), {});
    });
  }
}

function endingTests(test: ExecutorTest, { apart }: ExecutorSubject): void {
  const steps = apart ? ["waits", "obeys", "busy", "keepsFileAndWaits"] : ["waits", "obeys"];
  for (const step of steps) {
    test(`the time limit ends a step: ${step}`, async (bench) => {
      assert.partialDeepStrictEqual(await bench.run(step, { timeoutMs: 100 }), { kind: "timeout", afterMs: 100 });
      if (apart) assert.deepEqual(bench.leftovers(), []);
    });

    test(`an abort ends a step: ${step}`, async (bench) => {
      const abort = new AbortController();
      setTimeout(() => abort.abort(), 300);
      assert.deepEqual(await bench.run(step, {}, { signal: abort.signal }), { kind: "aborted" });
      if (apart) assert.deepEqual(bench.leftovers(), []);
    });
  }

  test("what was aborted before is not begun", async (bench) => {
    assert.deepEqual(await bench.run("writes", writing(bench), { signal: AbortSignal.abort() }), { kind: "aborted" });
    assert.equal(readdirSync(bench.root).includes("effect.txt"), false);
  });

  test("nothing is left in the temporary folder", async (bench) => {
    await bench.done("keepsFile");
    assert.deepEqual(bench.leftovers(), []);
  });

  test("a closed executor refuses tasks", async (bench) => {
    await bench.executor[Symbol.asyncDispose]();
    await assert.rejects(bench.run("echo"), { code: "WS_EXECUTOR" });
  });
}

function inputTests(test: ExecutorTest): void {
  test("a step gets exactly what was keyed, decoded anew", async (bench) => {
    const value = { at: new Date(5), ids: new Set([1n]), bytes: new Uint8Array([1, 2]), none: undefined, zero: -0 };
    const stored = await bench.save(value);
    const properties = [property("rows", undefined, "rows"), property("rounds", new Map([["a", 1]]))];
    const result = await bench.done("echo", { properties, inputs: [{ label: "rows", stored }] });
    assert.deepEqual(await bench.valueOf(result), { rows: value, rounds: new Map([["a", 1]]) });
  });

  for (const what of ["missing", "damaged"] as const) {
    test(`an input whose bytes are ${what} is told, and the step does not run`, async (bench) => {
      const stored = await bench.save("a text that is stored");
      const file = bench.fileOf(stored);
      chmodSync(file, 0o644);
      if (what === "missing") rmSync(file);
      else writeFileSync(file, new Uint8Array(stored.size).fill(1));
      const properties = [property("folder", bench.root), property("rows", undefined, "rows")];
      const result = await bench.run("writes", { properties, inputs: [{ label: "rows", stored }] });
      assert.deepEqual(result, { kind: "bad-input", label: "rows", digest: stored.digest, what });
      assert.equal(readdirSync(bench.root).includes("effect.txt"), false);
    });
  }

  test("a secret is given where the step runs and shows nowhere", async (bench) => {
    process.env["SUITE_SECRET"] = "hush-hush";
    try {
      const task = { properties: [property("key", undefined, "secret:SUITE_SECRET")], secrets: ["SUITE_SECRET"] };
      const result = await bench.done("tells", task);
      assert.equal(await bench.valueOf(result), 9);
      assert.equal(await bench.logOf(result), "stdout:key ***\n");
    } finally {
      delete process.env["SUITE_SECRET"];
    }
    const task = { properties: [property("key", undefined, "secret:SUITE_SECRET")], secrets: ["SUITE_SECRET"] };
    assert.match((await bench.failed("tells", task)).error.message, /SUITE_SECRET .* has no value/);
  });
}

function observationTests(test: ExecutorTest): void {
  test("what a step reads through its context is told", async (bench) => {
    bench.write("data/a.txt", "one");
    process.env["SUITE_NAME"] = "x";
    try {
      const { reads, changed } = await bench.done("reads");
      assert.equal(changed, undefined);
      const shown = reads.map(({ kind, name }) => `${kind} ${name}`);
      assert.deepEqual(shown, [
        "file project:data/a.txt",
        "directory project:data",
        "absent project:none",
        "env SUITE_NAME",
      ]);
      assert.equal(reads[0]?.digest, digestOf("one"));
    } finally {
      delete process.env["SUITE_NAME"];
    }
  });

  test("what a step writes outside its own folders is told", async (bench) => {
    bench.write("old.txt", "old");
    const { effects } = await bench.done("writes", writing(bench));
    assert.deepEqual(effects, [
      { path: "project:effect.txt", state: { kind: "file", digest: digestOf("new") } },
      { path: "project:old.txt", state: { kind: "removed" } },
    ]);
  });
}

function outputTests(test: ExecutorTest): void {
  test("console, log and metrics belong to one attempt each", async (bench) => {
    const words = ["north", "south"];
    const talk = (word: string): Promise<Done> => bench.done("talks", { properties: [property("word", word)] });
    for (const [index, result] of (await Promise.all(words.map(talk))).entries()) {
      const word = words[index] ?? "";
      const rounds = [0, 1, 2, 3, 4].map((round) => `stdout:${word} ${round}\n`).join("");
      assert.equal(await bench.logOf(result), `${rounds}stderr:to stderr ${word}\nlog:noted ${word}\n`);
      assert.deepEqual(result.metrics, { [word]: 5 });
    }
    const kinds = new Set(bench.signals.map(({ kind }) => kind));
    assert.deepEqual([...kinds].sort(), ["output", "progress"]);
  });
}

function apartTests(test: ExecutorTest): void {
  test("two attempts share no module and no global", async (bench) => {
    const both = [await bench.done("counts"), await bench.done("counts")];
    assert.deepEqual([await bench.valueOf(both[0] as Done), await bench.valueOf(both[1] as Done)], [2, 2]);
  });

  test("a worker that was prepared runs a task as another one does", async (bench) => {
    bench.executor.prepare(bench.task("counts"));
    assert.equal(await bench.valueOf(await bench.done("counts")), 2);
  });

  test("sources that are not what was keyed are told, and the step does not run", async (bench) => {
    const changed = { url: bench.steps.url, digest: digestOf("other bytes"), name: "project:steps.mjs" };
    const result = await bench.run("writes", { ...writing(bench), expectedModules: [changed] });
    assert.deepEqual(result, { kind: "code-changed", what: "project:steps.mjs" });
    assert.equal(readdirSync(bench.root).includes("effect.txt"), false);
  });

  test("a step that is not where the task says is told", async (bench) => {
    const step = { ...bench.steps.addressOf("echo"), occurrence: 7 };
    const result = await bench.run("echo", { step });
    assert.equal(result.kind, "not-found");
  });
}
