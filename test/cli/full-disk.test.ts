import { execFileSync, spawnSync } from "node:child_process";
import { mkdirSync, writeFileSync } from "node:fs";
import { expect, onTestFinished, test } from "vitest";
import { TestProject } from "../rig/project.ts";
import { twoSteps } from "./pipelines.ts";

/** A file system of one megabyte; false where this user may not make one. */
function mountSmall(folder: string): boolean {
  mkdirSync(folder);
  const mounted = spawnSync("mount", ["-t", "tmpfs", "-o", "size=1m", "tmpfs", folder], { stdio: "ignore" });
  if (mounted.status === 0) onTestFinished(() => void execFileSync("umount", ["-l", folder]));
  return mounted.status === 0;
}

test("a full disk is said, and what was stored before is still there afterwards", async ({ skip }) => {
  const project = new TestProject({ "sums.ts": twoSteps });
  onTestFinished(() => project[Symbol.dispose]());
  const small = project.path("small");
  if (!mountSmall(small)) skip("mounting a small file system needs root");
  const run = (...args: readonly string[]): ReturnType<TestProject["cli"]> =>
    project.cli(["run", "sums.ts", "--repository", "small/repository", ...args], { env: { NO_COLOR: "1" } });
  expect((await run()).exitCode).toBe(0);
  const tooMuch = await run("--param", "rounds=1000000");
  expect(tooMuch.exitCode).toBe(1);
  expect(tooMuch.stdout).toContain("No space is left");
  expect(tooMuch.stdout).toContain("Free some space");
  expect((await run()).stdout).toMatch(/2 steps: 2 reused/);
  const fill = (): void => writeFileSync(project.path("small/fill"), new Uint8Array(2_000_000));
  expect(fill).toThrow("ENOSPC");
  const full = await run("--param", "rounds=5");
  expect([1, 3]).toContain(full.exitCode);
  expect(full.stdout + full.stderr).not.toMatch(/^\s+at .*node:internal/m);
});
