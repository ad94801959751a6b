import { execFile } from "node:child_process";
import {
  cpSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  realpathSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { promisify } from "node:util";
import { onTestFinished } from "vitest";
import type { CodeIdentity, CodeMode } from "../../src/code-identity/code-identity.ts";
import type { CodeRecord } from "../../src/model/code-record.ts";

/** `null` removes; a pair replaces the first text by the second; a text is the whole file. */
export type Edits = Readonly<Record<string, string | null | readonly [from: string, to: string]>>;

export type Identified = CodeIdentity & {
  readonly workerCaptures: CodeIdentity["captures"];
  readonly records?: readonly CodeRecord[];
  readonly error?: { readonly code: string; readonly message: string };
};

export interface ProbeOptions {
  readonly entry?: string;
  readonly rounds?: readonly Edits[];
  readonly mode?: CodeMode;
  readonly stampFile?: string;
  /** "" for none. */
  readonly pipeline?: string;
  readonly worker?: boolean;
  /** Asks for nothing but identities. */
  readonly bare?: boolean;
  /** Asks for the records below each identity, too. */
  readonly records?: boolean;
  /** Runs as if all files were last changed an hour ago, so that stamps count. */
  readonly settled?: boolean;
  readonly nodeArgs?: readonly string[];
}

export interface Probed {
  /** Identities by step: as loaded, then after each round of edits. */
  readonly rounds: readonly Readonly<Record<string, Identified>>[];
  readonly worker?: Readonly<Record<string, Identified>>;
}

const fixtures = join(import.meta.dirname, "fixtures");
const run = promisify(execFile);

/** A folder that is gone after the test. */
export function temporaryFolder(): string {
  const folder = realpathSync(mkdtempSync(join(tmpdir(), "warmstart-code-")));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

/** A real project in a folder of its own, identified in real processes of Node. */
export class Project {
  readonly root: string;

  constructor(files: Readonly<Record<string, string>>, root: string = join(temporaryFolder(), "app")) {
    this.root = root;
    this.write({ "package.json": '{"name":"app","version":"1.0.0","type":"module"}', ...files });
    this.package("warmstart", "0.0.1", readFileSync(join(fixtures, "warmstart.js"), "utf8"));
  }

  write(files: Readonly<Record<string, string>>): void {
    for (const [path, text] of Object.entries(files)) {
      mkdirSync(dirname(join(this.root, path)), { recursive: true });
      writeFileSync(join(this.root, path), text);
    }
  }

  package(name: string, version: string | undefined, text: string, more: object = {}): void {
    const manifest = { name, ...(version === undefined ? {} : { version }), type: "module", main: "index.js", ...more };
    this.write({
      [`node_modules/${name}/package.json`]: JSON.stringify(manifest),
      [`node_modules/${name}/index.js`]: text,
    });
  }

  link(target: string, path: string): void {
    mkdirSync(dirname(join(this.root, path)), { recursive: true });
    symlinkSync(join(this.root, target), join(this.root, path));
  }

  copyTo(root: string): Project {
    cpSync(this.root, root, { recursive: true, verbatimSymlinks: true });
    return new Project({}, root);
  }

  async probe(options: ProbeOptions = {}): Promise<Probed> {
    const { nodeArgs = [], entry = "p.ts", ...rest } = options;
    const identifier = join(import.meta.dirname, "../../src/code-identity/code-identifier.ts");
    const request = { ...rest, root: this.root, entry, identifier };
    const args = [...nodeArgs, join(fixtures, "probe.mjs"), JSON.stringify(request)];
    const { stdout } = await run(process.execPath, args, { cwd: this.root, maxBuffer: 1 << 26 });
    return JSON.parse(stdout) as Probed;
  }

  /** Which steps' identities each round of edits changed, in the order of the steps. */
  async changedBy(rounds: readonly Edits[], options: ProbeOptions = {}): Promise<readonly (readonly string[])[]> {
    const probed = await this.probe({ ...options, rounds });
    return rounds.map((_edits, index) => changed(probed.rounds[index], probed.rounds[index + 1]));
  }
}

export function changed(
  before: Probed["rounds"][number] = {},
  after: Probed["rounds"][number] = {},
): readonly string[] {
  for (const [name, identity] of [...Object.entries(before), ...Object.entries(after)]) {
    if (identity.error !== undefined) throw new Error(`${name}: ${identity.error.message}`);
  }
  return Object.keys(after).filter((name) => before[name]?.digest !== after[name]?.digest);
}
