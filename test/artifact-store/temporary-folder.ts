import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll } from "vitest";

const made: string[] = [];

afterAll(() => {
  for (const folder of made.splice(0)) rmSync(folder, { recursive: true, force: true });
});

/** A folder that is removed when the test file that imports this has ended. */
export function temporaryFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), "warmstart-artifacts-"));
  made.push(folder);
  return folder;
}
