import { execFile } from "node:child_process";
import { readFileSync } from "node:fs";
import path from "node:path";
import { digestOf } from "../encoding/digest.ts";
import type { GitState, Provenance } from "../model/run.ts";

const LOCKFILES = ["package-lock.json", "pnpm-lock.yaml", "yarn.lock", "bun.lock"];
const GIT_LIMIT_MS = 3000;

/** Where a run comes from, as far as it is known at once. */
export function provenanceOf(projectRoot: string): Provenance {
  const lockfileDigest = lockfile(projectRoot);
  return {
    node: process.versions.node,
    platform: `${process.platform}-${process.arch}`,
    command: [path.basename(process.argv[0] ?? "node"), ...process.argv.slice(1)],
    ...(lockfileDigest === undefined ? {} : { lockfileDigest }),
  };
}

function lockfile(projectRoot: string): string | undefined {
  for (const name of LOCKFILES) {
    try {
      return digestOf(readFileSync(path.join(projectRoot, name)));
    } catch {
      // Not this one: a project has at most one of them.
    }
  }
  return undefined;
}

/** Asks git beside the run; whoever needs the answer waits a bounded time. */
export class GitQuestion {
  readonly #abort = new AbortController();
  readonly #answer: Promise<GitState>;

  constructor(projectRoot: string) {
    this.#answer = askGit(projectRoot, this.#abort.signal);
  }

  /** The answer, if there is one within so many milliseconds; `unknown` otherwise. */
  async within(milliseconds: number): Promise<GitState> {
    const { promise, resolve } = Promise.withResolvers<GitState>();
    const timer = setTimeout(() => resolve({ state: "unknown" }), milliseconds);
    try {
      return await Promise.race([this.#answer, promise]);
    } finally {
      clearTimeout(timer);
      this.#abort.abort();
    }
  }
}

/** One call: the commit, the branch and whether anything differs from it. */
function askGit(cwd: string, signal: AbortSignal): Promise<GitState> {
  const { promise, resolve } = Promise.withResolvers<GitState>();
  const args = ["--no-optional-locks", "status", "--porcelain=v2", "--branch", "--untracked-files=normal"];
  execFile(
    "git",
    args,
    { cwd, signal, timeout: GIT_LIMIT_MS, maxBuffer: 64 << 20, windowsHide: true },
    (error, stdout) => {
      resolve(error === null ? parseStatus(stdout) : { state: "unknown" });
    },
  );
  return promise;
}

function parseStatus(text: string): GitState {
  const lines = text.split("\n");
  const field = (name: string): string | undefined =>
    lines.find((line) => line.startsWith(`# branch.${name} `))?.slice(`# branch.${name} `.length);
  const commit = field("oid");
  const branch = field("head");
  return {
    state: "known",
    dirty: lines.some((line) => line !== "" && !line.startsWith("#")),
    ...(commit === undefined || commit === "(initial)" ? {} : { commit }),
    ...(branch === undefined ? {} : { branch }),
  };
}
