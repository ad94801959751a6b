import { mkdirSync, mkdtempSync, realpathSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import type { FileEdits, MutationProgram } from "./programs.ts";

/** A program in a folder of its own. */
export interface InstalledProgram extends Disposable {
  readonly root: string;
  /** Writes the new texts; files that only the old edits knew are removed. */
  write(edits: FileEdits, before?: FileEdits): void;
}

export function installProgram({ files, links }: MutationProgram): InstalledProgram {
  const root = realpathSync(mkdtempSync(join(tmpdir(), "warmstart-mutations-")));
  const write = (edits: FileEdits, before: FileEdits = {}): void => {
    for (const path of Object.keys(before)) if (!(path in edits)) rmSync(join(root, path), { force: true });
    for (const [path, text] of Object.entries(edits)) {
      mkdirSync(dirname(join(root, path)), { recursive: true });
      if (text === null) rmSync(join(root, path), { force: true });
      else writeFileSync(join(root, path), text);
    }
  };
  write(files);
  for (const [path, target] of Object.entries(links)) {
    mkdirSync(dirname(join(root, path)), { recursive: true });
    symlinkSync(join(root, target), join(root, path));
  }
  return { root, write, [Symbol.dispose]: () => rmSync(root, { recursive: true, force: true, maxRetries: 3 }) };
}
