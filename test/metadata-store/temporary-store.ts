import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll } from "vitest";

/** Gives paths of files that do not exist yet, in a folder that is removed after the tests of the file. */
export function temporaryFiles(): () => Promise<string> {
  const folders: string[] = [];
  afterAll(async () => {
    await Promise.all(folders.map((folder) => rm(folder, { recursive: true, force: true })));
  });
  return async () => {
    const folder = await mkdtemp(join(tmpdir(), "warmstart-metadata-"));
    folders.push(folder);
    return join(folder, "metadata.sqlite");
  };
}
