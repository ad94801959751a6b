import { spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readFileSync, realpathSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { digestOf } from "../../src/encoding/digest.ts";

const register = new URL("../../src/observation/register.ts", import.meta.url).href;
const report = new URL("./fixtures/report-loaded.mjs", import.meta.url).href;
const inWorker = fileURLToPath(new URL("./fixtures/run-in-worker.mjs", import.meta.url));

export interface Outcome {
  readonly status: number | null;
  readonly output: string;
  readonly errors: string;
  /** Files of the project that were stamped, in order, relative to its folder; with "!" where the digest is not the file's. */
  readonly stamped: readonly string[];
}

/** A project in a temporary folder, run by real Node processes. */
export class HooksProject implements Disposable {
  readonly folder: string = realpathSync(mkdtempSync(join(tmpdir(), "warmstart-hooks-")));

  constructor(files: Readonly<Record<string, string | Uint8Array>>) {
    for (const [name, content] of Object.entries(files)) {
      mkdirSync(dirname(join(this.folder, name)), { recursive: true });
      writeFileSync(join(this.folder, name), content);
    }
  }

  link(target: string, name: string): void {
    mkdirSync(dirname(join(this.folder, name)), { recursive: true });
    symlinkSync(join(this.folder, target), join(this.folder, name));
  }

  run(main: string): Outcome {
    return this.#spawn(["--import", register, "--import", report, join(this.folder, main)]);
  }

  runInWorker(main: string): Outcome {
    return this.#spawn([inWorker, pathToFileURL(join(this.folder, main)).href, register, report]);
  }

  /** As Node runs it without us. */
  runBare(main: string): Outcome {
    return this.#spawn(["--import", report, join(this.folder, main)]);
  }

  [Symbol.dispose](): void {
    rmSync(this.folder, { recursive: true, force: true });
  }

  #spawn(args: readonly string[]): Outcome {
    const stampsFile = join(this.folder, ".stamps.json");
    const env = { ...process.env, STAMPS_FILE: stampsFile, NODE_OPTIONS: "", FORCE_COLOR: "0" };
    const done = spawnSync(process.execPath, ["--no-warnings", ...args], { cwd: this.folder, env, encoding: "utf8" });
    return { status: done.status, output: done.stdout, errors: done.stderr, stamped: this.#stamped(stampsFile) };
  }

  #stamped(file: string): readonly string[] {
    const stamps = JSON.parse(readFileSync(file, "utf8")) as readonly {
      readonly url: string;
      readonly digest: string;
    }[];
    rmSync(file);
    return stamps.flatMap(({ url, digest }) => {
      const path = fileURLToPath(url);
      if (!path.startsWith(this.folder)) return [];
      const same = digestOf(readFileSync(path)) === digest;
      return [path.slice(this.folder.length + 1) + (same ? "" : "!")];
    });
  }
}
