import { execFileSync } from "node:child_process";
import { mkdirSync } from "node:fs";
import { afterEach, describe, expect, test } from "vitest";
import { GitQuestion, provenanceOf } from "../../src/repository/provenance.ts";
import { TestProject } from "../rig/project.ts";

const searchPath = process.env["PATH"];
afterEach(() => void (process.env["PATH"] = searchPath));

function git(project: TestProject, ...args: readonly string[]): void {
  const who = ["-c", "user.name=Ada", "-c", "user.email=ada@example.com", "-c", "init.defaultBranch=main"];
  execFileSync("git", [...who, ...args], { cwd: project.folder, stdio: "ignore" });
}

const ask = (project: TestProject): Promise<unknown> => new GitQuestion(project.folder).within(10_000);

describe("what git says of a project", () => {
  test("outside git nothing is known", async () => {
    using project = new TestProject({});
    expect(await ask(project)).toEqual({ state: "unknown" });
  });

  test("before the first commit, after it, and when something differs from it", async () => {
    using project = new TestProject({ "x.txt": "1", ".gitignore": "node_modules\n" });
    git(project, "init");
    expect(await ask(project)).toEqual({ state: "known", dirty: true, branch: "main" });
    git(project, "add", ".");
    git(project, "commit", "-m", "first");
    const commit = expect.stringMatching(/^[0-9a-f]{40}$/) as string;
    expect(await ask(project)).toEqual({ state: "known", dirty: false, branch: "main", commit });
    project.write({ "x.txt": "2" });
    expect(await ask(project)).toMatchObject({ dirty: true, commit });
    project.write({ "x.txt": "1", "new.txt": "" });
    expect(await ask(project)).toMatchObject({ dirty: true });
  });

  test("where there is no git, nothing is known", async () => {
    using project = new TestProject({});
    mkdirSync(project.path("empty"));
    process.env["PATH"] = project.path("empty");
    expect(await ask(project)).toEqual({ state: "unknown" });
  });

  test("one that does not answer is not waited for", async () => {
    using project = new TestProject({});
    project.write({ "bin/git": "#!/bin/sh\nexec sleep 60\n" });
    execFileSync("chmod", ["+x", project.path("bin/git")]);
    process.env["PATH"] = `${project.path("bin")}:${searchPath ?? ""}`;
    const began = performance.now();
    expect(await new GitQuestion(project.folder).within(50)).toEqual({ state: "unknown" });
    expect(performance.now() - began).toBeLessThan(10_000);
  });

  test("one that says far too much is not believed", async () => {
    using project = new TestProject({});
    project.write({ "bin/git": "#!/bin/sh\nexec yes '? some/untracked/file'\n" });
    execFileSync("chmod", ["+x", project.path("bin/git")]);
    process.env["PATH"] = `${project.path("bin")}:${searchPath ?? ""}`;
    expect(await ask(project)).toEqual({ state: "unknown" });
  });
});

describe("where a run comes from", () => {
  test("names Node, the platform, the command and the lock file, where there is one", () => {
    using project = new TestProject({});
    const { lockfileDigest, ...rest } = provenanceOf(project.folder);
    expect(lockfileDigest).toBeUndefined();
    expect(rest).toMatchObject({ node: process.versions.node, platform: `${process.platform}-${process.arch}` });
    project.write({ "package-lock.json": "{}" });
    const before = provenanceOf(project.folder).lockfileDigest;
    project.write({ "package-lock.json": "{ }" });
    expect([before, provenanceOf(project.folder).lockfileDigest].map((digest) => digest?.length)).toEqual([64, 64]);
    expect(provenanceOf(project.folder).lockfileDigest).not.toBe(before);
  });
});
