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

const hooks = join(import.meta.dirname, "../code-identity/symbols/fixtures/project-hooks.mjs");
const LIMIT_MS = 20_000;
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

  async of(edits: FileEdits): Promise<BehaviourReply> {
    if (this.#rounds++ >= MOST_ROUNDS) await this.restart();
    const { entry, steps } = this.#program;
    const child = (this.#child ??= await this.#start());
    child.send({ entry, edits, steps } satisfies BehaviourRequest);
    const reply = await replyOf(child);
    if (reply !== undefined) return reply;
    await this.restart();
    // A program that was killed could not put its files back.
    this.#installed.write(this.#program.files, edits);
    const outcome = "does not come back";
    return { outcomes: Object.fromEntries(steps.map(({ name }) => [name, outcome])) };
  }

  /** From here on in a process that has run nothing yet. */
  async restart(): Promise<void> {
    const child = this.#child;
    this.#child = undefined;
    this.#rounds = 0;
    if (child === undefined || child.exitCode !== null || child.signalCode !== null) return;
    child.kill("SIGKILL");
    await once(child, "exit");
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.restart();
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

/** Undefined when it took too long or died. */
async function replyOf(child: ChildProcess): Promise<BehaviourReply | undefined> {
  const { promise, resolve } = Promise.withResolvers<BehaviourReply | undefined>();
  const timer = setTimeout(() => resolve(undefined), LIMIT_MS);
  const gone = (): void => resolve(undefined);
  child.once("message", resolve).once("exit", gone);
  const reply = await promise;
  clearTimeout(timer);
  child.off("message", resolve).off("exit", gone);
  return reply;
}
