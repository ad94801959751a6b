import { fork } from "node:child_process";
import type { ChildProcess } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { installProgram } from "./installed-program.ts";
import type { InstalledProgram } from "./installed-program.ts";
import type { FileEdits, MutationProgram } from "./programs.ts";

export interface BehaviourRequest {
  readonly entry: string;
  readonly edits: FileEdits;
  readonly steps: MutationProgram["steps"];
}

/** What each step gave for all of its inputs, as text; or why the program does not load. */
export type BehaviourReply = { readonly outcomes: Readonly<Record<string, string>> } | { readonly broken: string };

/** Sent before a step is run, so that one that does not come back is known. */
export interface StepBegun {
  readonly begun: string;
}

const ENDLESS = "does not come back";
const hooks = join(import.meta.dirname, "../code-identity/symbols/fixtures/project-hooks.mjs");
/** Of a round that takes milliseconds; whoever doubts an answer asks again with more patience. */
const LIMIT_MS = 2_000;
const PATIENT_MS = 12_000;
/** Each round leaves its modules in memory. */
const MOST_ROUNDS = 100;

/** Runs versions of a program in a copy of its own. */
export class Behaviour implements AsyncDisposable {
  readonly #program: MutationProgram;
  readonly #installed: InstalledProgram;
  #child: ChildProcess | undefined;
  #rounds = 0;

  constructor(program: MutationProgram) {
    this.#program = program;
    this.#installed = installProgram(program);
  }

  of(edits: FileEdits): Promise<BehaviourReply> {
    const unedited = Object.keys(edits).length === 0;
    return this.#run(edits, this.#program.steps, unedited ? PATIENT_MS : LIMIT_MS);
  }

  /** One step alone, in a process that has run nothing yet. */
  async afresh(edits: FileEdits, step: string): Promise<BehaviourReply> {
    await this.#restart();
    const steps = this.#program.steps.filter(({ name }) => name === step);
    const reply = await this.#run(edits, steps, PATIENT_MS);
    await this.#restart();
    return reply;
  }

  async #run(edits: FileEdits, steps: MutationProgram["steps"], limit: number): Promise<BehaviourReply> {
    if (this.#rounds++ >= MOST_ROUNDS) await this.#restart();
    const child = (this.#child ??= await this.#start());
    child.send({ entry: this.#program.entry, edits, steps } satisfies BehaviourRequest);
    const { reply, begun } = await replyOf(child, limit);
    if (reply !== undefined) return reply;
    await this.#restart();
    // A program that was killed could not put its files back.
    this.#installed.write(this.#program.files, edits);
    if (begun === undefined) return { broken: ENDLESS };
    const others = steps.filter(({ name }) => name !== begun);
    const rest = others.length === 0 ? { outcomes: {} } : await this.#run(edits, others, limit);
    return "broken" in rest ? rest : { outcomes: { ...rest.outcomes, [begun]: ENDLESS } };
  }

  /** The next round is run by another process. */
  async #restart(): Promise<void> {
    const child = this.#child;
    this.#child = undefined;
    this.#rounds = 0;
    if (child === undefined || child.exitCode !== null || child.signalCode !== null) return;
    child.kill("SIGKILL");
    await once(child, "exit");
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#restart();
    this.#installed[Symbol.dispose]();
  }

  async #start(): Promise<ChildProcess> {
    const { NODE_OPTIONS: _, VITEST: __, TZ: ___, ...env } = process.env;
    const child = fork(join(import.meta.dirname, "behaviour-child.ts"), [this.#installed.root], {
      execArgv: ["--import", hooks, "--max-old-space-size=1024"],
      stdio: ["ignore", "ignore", "ignore", "ipc"],
      env: { ...env, REGION: "eu", CURRENCY: "USD" },
    });
    await once(child, "message");
    return child;
  }
}

interface Replied {
  /** Undefined when it took too long or died. */
  readonly reply: BehaviourReply | undefined;
  /** The step that it was about. */
  readonly begun: string | undefined;
}

async function replyOf(child: ChildProcess, limit: number): Promise<Replied> {
  const { promise, resolve } = Promise.withResolvers<BehaviourReply | undefined>();
  let begun: string | undefined;
  const timer = setTimeout(() => resolve(undefined), limit);
  const gone = (): void => resolve(undefined);
  const heard = (message: BehaviourReply | StepBegun): void => {
    if ("begun" in message) begun = message.begun;
    else resolve(message);
  };
  child.on("message", heard).once("exit", gone);
  const reply = await promise;
  clearTimeout(timer);
  child.off("message", heard).off("exit", gone);
  return { reply, begun };
}
