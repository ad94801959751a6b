import { spawn, spawnSync } from "node:child_process";
import { cp, mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";

const root = join(import.meta.dirname, "../..");
let project = "";
let bootstrap = "";

/** A project with no dependencies, whose check script is the given program. */
beforeEach(async () => {
  project = await mkdtemp(join(tmpdir(), "warmstart-bootstrap-"));
  bootstrap = join(project, "scripts/bootstrap.mjs");
  await mkdir(join(project, "scripts"));
  await cp(join(root, "scripts/bootstrap.mjs"), bootstrap);
  await writeFile(join(project, "package.json"), JSON.stringify({ name: "fresh", version: "1.0.0" }));
  const lock = { name: "fresh", version: "1.0.0", lockfileVersion: 3, packages: { "": { name: "fresh" } } };
  await writeFile(join(project, "package-lock.json"), JSON.stringify(lock));
  await mkdir(join(project, "node_modules"));
});

afterEach(async () => {
  await rm(project, { recursive: true, force: true });
});

const writeTask = (program: string): Promise<void> => writeFile(join(project, "scripts/check.mjs"), program);
const run = (...args: string[]): { status: number | null; stdout: string; stderr: string } =>
  spawnSync(process.execPath, [bootstrap, ...args], { encoding: "utf8", timeout: 60_000 });

test("says which tasks there are, and still ends with the count", () => {
  const { status, stdout, stderr } = run("deploy");
  expect(status).toBe(1);
  expect(stderr).toContain('there is no task "deploy"; there are: demo, test, quick, bench.');
  expect(stdout.trimEnd().split("\n").at(-1)).toBe("0 passed, 1 failed, 0 skipped");
});

test("installs once, says why, and passes on arguments, output and exit code", async () => {
  await writeTask(`console.log(JSON.stringify(process.argv.slice(2))); process.exitCode = 7;`);
  const first = run("quick", "more");
  expect(first.stderr).toContain("no packages are installed: running npm ci");
  expect(first).toMatchObject({ status: 7, stdout: '["--quick","more"]\n' });
  expect(run("quick").stderr).toBe("");
  await writeFile(join(project, "package-lock.json"), '{ "lockfileVersion": 3, "packages": {} }');
  await writeFile(join(project, "package.json"), "{}");
  expect(run("quick").stderr).toContain("the lock file or Node changed: running npm ci");
});

test("a failed installation ends with the count and runs no task", async () => {
  await writeTask(`console.log("the task ran");`);
  await writeFile(join(project, "package.json"), JSON.stringify({ name: "fresh", dependencies: { zod: "4.6.7" } }));
  const { status, stdout, stderr } = run("test");
  expect(status).toBe(1);
  expect(stderr).toContain("npm ci failed (exit code 1)");
  expect(stdout).toBe("0 passed, 1 failed, 0 skipped\n");
});

test.each(["SIGTERM", "SIGINT"] as const)("passes %s on to the task and waits for it", async (signal) => {
  await writeTask(`
    process.on("${signal}", () => { console.log("cleaned up"); process.exit(9); });
    setInterval(() => {}, 1000);
    console.log("ready");
  `);
  const child = spawn(process.execPath, [bootstrap, "quick"], { stdio: ["ignore", "pipe", "ignore"] });
  let output = "";
  const ended = new Promise<number | null>((resolve) => {
    child.on("close", resolve);
  });
  for await (const chunk of child.stdout.setEncoding("utf8")) {
    output += String(chunk);
    if (output === "ready\n") child.kill(signal);
  }
  expect(await ended).toBe(9);
  expect(output).toBe("ready\ncleaned up\n");
});
