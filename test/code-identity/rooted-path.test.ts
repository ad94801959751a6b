import { mkdirSync, renameSync, symlinkSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { expect, test } from "vitest";
import { createRootedPaths } from "../../src/code-identity/rooted-path.ts";
import { temporaryFolder } from "./project.ts";

function write(root: string, files: Readonly<Record<string, string>>): void {
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(dirname(join(root, path)), { recursive: true });
    writeFileSync(join(root, path), text);
  }
}

test("names a file by the closest root, and finds it again", () => {
  const root = temporaryFolder();
  write(root, {
    "home/app/package.json": "{}",
    "home/app/data/x.csv": "",
    "home/app/node_modules/@s/zod/package.json": '{"name":"@s/zod","version":"4.1.0"}',
    "home/app/node_modules/@s/zod/lib/locale.json": "",
    "home/app/node_modules/.pnpm/q@1/node_modules/q/package.json": '{"name":"q","version":"1.0.0-rc.1"}',
    "home/notes.txt": "",
    "temp/t.txt": "",
    "else/e.txt": "",
  });
  const paths = createRootedPaths({
    projectRoot: join(root, "home/app"),
    home: join(root, "home"),
    temp: join(root, "temp"),
  });
  const expected: Readonly<Record<string, string>> = {
    "home/app/data/x.csv": "project:data/x.csv",
    "home/app/not/there.csv": "project:not/there.csv",
    "home/app": "project:",
    "home/app/node_modules/@s/zod/lib/locale.json": "package:@s/zod@4.1.0/lib/locale.json",
    "home/app/node_modules/.pnpm/q@1/node_modules/q/i.js": "package:q@1.0.0-rc.1/i.js",
    "home/notes.txt": "home:notes.txt",
    "temp/t.txt": "temp:t.txt",
    "else/e.txt": join(root, "else/e.txt"),
  };
  for (const [path, name] of Object.entries(expected)) {
    expect(paths.nameOf(join(root, path))).toBe(name);
    expect(paths.pathOf(name)?.replace(/\/$/, "")).toBe(join(root, path));
  }
  expect(paths.pathOf("cloud:x")).toBeUndefined();
  expect(paths.pathOf("package:gone@1.0.0/x")).toBeUndefined();
});

test("a package is found by name in a process that did not name it", () => {
  const root = temporaryFolder();
  write(root, { "app/package.json": "{}", "app/node_modules/zod/package.json": '{"name":"zod","version":"4.1.0"}' });
  const paths = createRootedPaths({ projectRoot: join(root, "app") });
  expect(paths.pathOf("package:zod@4.1.0/a.json")).toBe(join(root, "app/node_modules/zod/a.json"));
  expect(paths.pathOf("package:zod@4.1.1/a.json")).toBeUndefined();
});

test("members of the workspace beside the project keep their names when the checkout moves", () => {
  const root = temporaryFolder();
  write(root, {
    "repo/package.json": '{"workspaces":["packages/*"]}',
    "repo/packages/app/package.json": "{}",
    "repo/packages/lib/x.ts": "",
  });
  mkdirSync(join(root, "repo/packages/app/node_modules"));
  symlinkSync("../../lib", join(root, "repo/packages/app/node_modules/lib"));
  const before = createRootedPaths({ projectRoot: join(root, "repo/packages/app") });
  expect(before.nameOf(join(root, "repo/packages/app/node_modules/lib/x.ts"))).toBe("project:../lib/x.ts");
  renameSync(join(root, "repo"), join(root, "moved"));
  const after = createRootedPaths({ projectRoot: join(root, "moved/packages/app") });
  expect(after.nameOf(join(root, "moved/packages/lib/x.ts"))).toBe("project:../lib/x.ts");
  expect(after.pathOf("project:../lib/x.ts")).toBe(join(root, "moved/packages/lib/x.ts"));
});
