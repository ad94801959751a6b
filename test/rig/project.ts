import { spawn } from "node:child_process";
import {
  copyFileSync,
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  realpathSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import type { RunEvent } from "../../src/runtime/run-event.ts";
import type { RunPlan } from "../../src/runtime/run-plan.ts";

const packageRoot = path.resolve(import.meta.dirname, "../..");
const LIMIT_MS = 60_000;

export interface DriveRequest {
  /** Relative to the project; `pipeline.ts` unless told. */
  readonly file?: string;
  /** `default` unless told. */
  readonly exported?: string;
  readonly params?: unknown;
  readonly options?: object;
  readonly open?: object;
  readonly env?: Readonly<Record<string, string>>;
  readonly plan?: boolean;
  readonly nodeOptions?: readonly string[];
}

export interface DrivenRun {
  readonly events: readonly RunEvent[];
  readonly outputs: Readonly<Record<string, { readonly digest: string; readonly value: unknown }>>;
  readonly error:
    | { readonly name: string; readonly code?: string; readonly message: string; readonly hint?: string }
    | undefined;
  readonly plan: RunPlan | undefined;
  readonly exitCode: number | null;
  readonly stderr: string;
  /** Ids of nodes whose step ran in this run, in order of completion. */
  readonly computed: readonly string[];
  readonly reused: readonly string[];
  /** Why each computed node was computed. */
  readonly reasons: Readonly<Record<string, string>>;
}

export interface ProcessResult {
  readonly exitCode: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** A project in a folder of its own that uses the built package as a user's project would. */
export class TestProject implements Disposable {
  readonly folder: string;

  constructor(files: Readonly<Record<string, string>>) {
    this.folder = realpathSync(mkdtempSync(path.join(tmpdir(), "warmstart-project-")));
    mkdirSync(path.join(this.folder, "node_modules"));
    symlinkSync(packageRoot, path.join(this.folder, "node_modules", "warmstart"));
    this.write({ "package.json": JSON.stringify({ name: "fixture", private: true, type: "module" }), ...files });
  }

  write(files: Readonly<Record<string, string>>): void {
    for (const [name, text] of Object.entries(files)) {
      const file = this.path(name);
      mkdirSync(path.dirname(file), { recursive: true });
      writeFileSync(file, text);
    }
  }

  path(name: string): string {
    return path.join(this.folder, name);
  }

  /** Copies packages that are installed here, with what they depend on: as a user's `npm install` puts them there. */
  install(...names: readonly string[]): this {
    for (const name of names) {
      const [from, to] = [path.join(packageRoot, "node_modules", name), this.path(path.join("node_modules", name))];
      if (existsSync(to)) continue;
      cpSync(from, to, { recursive: true });
      const manifest = JSON.parse(readFileSync(path.join(from, "package.json"), "utf8")) as { dependencies?: object };
      this.install(...Object.keys(manifest.dependencies ?? {}));
    }
    return this;
  }

  /** Runs a pipeline of the project in a process of its own. */
  async drive(request: DriveRequest = {}): Promise<DrivenRun> {
    const {
      file = "pipeline.ts",
      exported = "default",
      params,
      options = {},
      open = {},
      env,
      plan,
      nodeOptions = [],
    } = request;
    const job = JSON.stringify({ file: this.path(file), exported, params, options, open, plan });
    const script = this.path("drive.mjs");
    copyFileSync(path.join(import.meta.dirname, "drive.mjs"), script);
    return toDrivenRun(await this.node([...nodeOptions, script, job], env === undefined ? {} : { env }));
  }

  node(
    args: readonly string[],
    options: { readonly env?: Readonly<Record<string, string>> } = {},
  ): Promise<ProcessResult> {
    return runProcess(process.execPath, args, this.folder, options.env);
  }

  /** Runs the command line as built. */
  cli(
    args: readonly string[],
    options: { readonly env?: Readonly<Record<string, string>> } = {},
  ): Promise<ProcessResult> {
    return this.node([path.join(packageRoot, "dist", "cli", "main.js"), ...args], options);
  }

  [Symbol.dispose](): void {
    rmSync(this.folder, { recursive: true, force: true, maxRetries: 3 });
  }
}

function runProcess(
  command: string,
  args: readonly string[],
  cwd: string,
  env: Readonly<Record<string, string>> = {},
): Promise<ProcessResult> {
  const { promise, resolve, reject } = Promise.withResolvers<ProcessResult>();
  const { NODE_OPTIONS: _, VITEST: __, ...inherited } = process.env;
  const child = spawn(command, args, {
    cwd,
    env: { ...inherited, ...env },
    timeout: LIMIT_MS,
    stdio: ["ignore", "pipe", "pipe"],
  });
  let stdout = "";
  let stderr = "";
  child.stdout.setEncoding("utf8").on("data", (text: string) => (stdout += text));
  child.stderr.setEncoding("utf8").on("data", (text: string) => (stderr += text));
  child.on("error", reject);
  child.on("close", (exitCode) => resolve({ exitCode, stdout, stderr }));
  return promise;
}

interface Line {
  readonly event?: RunEvent;
  readonly output?: string;
  readonly digest?: string;
  readonly value?: unknown;
  readonly error?: NonNullable<DrivenRun["error"]>;
  readonly plan?: RunPlan;
}

function toDrivenRun({ exitCode, stdout, stderr }: ProcessResult): DrivenRun {
  const lines = stdout
    .split("\n")
    .filter((line) => line.startsWith("{"))
    .map((line) => JSON.parse(line) as Line);
  const events = lines.flatMap(({ event }) => event ?? []);
  const outputs = lines.flatMap(({ output, digest = "", value }) =>
    output === undefined ? [] : [[output, { digest, value }] as const],
  );
  return {
    events,
    exitCode,
    stderr,
    outputs: Object.fromEntries(outputs),
    error: lines.find(({ error }) => error !== undefined)?.error,
    plan: lines.find(({ plan }) => plan !== undefined)?.plan,
    computed: events.flatMap((event) => (event.kind === "step-computed" ? [event.nodeId] : [])),
    reused: events.flatMap((event) => (event.kind === "step-reused" ? [event.nodeId] : [])),
    reasons: Object.fromEntries(
      events.flatMap((event) => (event.kind === "step-computed" ? [[event.nodeId, event.reason.text] as const] : [])),
    ),
  };
}
