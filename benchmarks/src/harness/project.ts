import { cpSync, mkdtempSync, mkdirSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { pathToFileURL } from "node:url";

/** The folder of the package that is measured. */
export const packageRoot: string = path.resolve(import.meta.dirname, "../../..");

const pipelines = path.resolve(import.meta.dirname, "../../pipelines");

/** An empty folder, removed in the end. */
export class ScratchFolder implements Disposable {
  readonly root: string = mkdtempSync(path.join(tmpdir(), "warmstart-bench-"));

  path(...names: readonly string[]): string {
    return path.join(this.root, ...names);
  }

  [Symbol.dispose](): void {
    rmSync(this.root, { recursive: true, force: true });
  }
}

/** A project as a user's: a folder with a package.json, the built package installed, and sources. */
export class Project extends ScratchFolder {
  constructor(files: Readonly<Record<string, string>> = {}) {
    super();
    mkdirSync(this.path("node_modules"));
    symlinkSync(packageRoot, this.path("node_modules", "warmstart"), "dir");
    this.write("package.json", '{ "name": "measured", "private": true, "type": "module" }\n');
    cpSync(pipelines, this.root, { recursive: true });
    for (const [name, text] of Object.entries(files)) this.write(name, text);
  }

  write(name: string, text: string): void {
    mkdirSync(path.dirname(this.path(name)), { recursive: true });
    writeFileSync(this.path(name), text);
  }

  /** Imports one of its modules into this process. */
  async import<T>(name: string): Promise<T> {
    return (await import(pathToFileURL(this.path(name)).href)) as T;
  }
}
