import { execFileSync } from "node:child_process";
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  readdirSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterEach, describe, expect, test } from "vitest";
import { openLayout, requireLayout } from "../../src/repository/repository-layout.ts";

const folders: string[] = [];
const isRoot = process.getuid?.() === 0;

function temporary(): string {
  const folder = mkdtempSync(path.join(tmpdir(), "warmstart-layout-"));
  folders.push(folder);
  return folder;
}

afterEach(() => {
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true, force: true });
});

function failure(code: string): unknown {
  return expect.objectContaining({ code });
}

/** Runs the body with a small file system of its own at a folder. */
function mounted(options: string, body: (folder: string) => void): void {
  const folder = temporary();
  execFileSync("mount", ["-t", "tmpfs", "-o", options, "tmpfs", folder]);
  try {
    body(folder);
  } finally {
    execFileSync("umount", [folder]);
  }
}

function canMount(): boolean {
  if (!isRoot) return false;
  try {
    mounted("size=64k", () => undefined);
    return true;
  } catch {
    return false;
  }
}

describe("a repository's folder", () => {
  test("is made with everything that it needs, and opened again as it is", () => {
    const folder = path.join(temporary(), "deep", ".warmstart");
    const made = openLayout(folder);
    expect(made.created).toBe(true);
    expect(made.secretKey).toMatch(/^[0-9a-f]{64}$/);
    expect(readFileSync(path.join(folder, ".gitignore"), "utf8")).toMatch(/^\*$/m);
    expect(openLayout(folder)).toEqual({ ...made, created: false });
    expect(readdirSync(folder).sort()).toEqual([".gitignore", "repository.json", "secret.key"]);
  });

  test("goes on where a creation was interrupted", () => {
    const folder = temporary();
    writeFileSync(path.join(folder, ".gitignore"), "*\n");
    writeFileSync(path.join(folder, "secret.key"), `${"ab".repeat(32)}\n`);
    writeFileSync(path.join(folder, "repository.json.1.making"), `{"format":1,"i`);
    expect(openLayout(folder)).toMatchObject({ created: true, secretKey: "ab".repeat(32) });
  });

  test("is left alone when it holds something else", () => {
    const folder = temporary();
    writeFileSync(path.join(folder, "thesis.tex"), "years of work");
    expect(() => openLayout(folder)).toThrow(failure("WS_REPOSITORY_FOREIGN"));
    expect(readdirSync(folder)).toEqual(["thesis.tex"]);
  });

  test.each(["", "{", "[]", `{"format":"1","id":"x"}`, `{"format":1}`, "\u0000".repeat(60)])(
    "is not taken over when its mark is %j",
    (mark) => {
      const folder = temporary();
      writeFileSync(path.join(folder, "repository.json"), mark);
      expect(() => openLayout(folder)).toThrow(failure("WS_REPOSITORY_FOREIGN"));
      expect(readFileSync(path.join(folder, "repository.json"), "utf8")).toBe(mark);
    },
  );

  test("of a newer format is refused", () => {
    const folder = temporary();
    writeFileSync(path.join(folder, "repository.json"), `{"format":99,"id":"x"}`);
    expect(() => openLayout(folder)).toThrow(failure("WS_FORMAT_NEWER"));
  });

  test("whose key is lost gets a new one; a damaged one is said", () => {
    const folder = temporary();
    const { secretKey } = openLayout(folder);
    rmSync(path.join(folder, "secret.key"));
    const again = openLayout(folder);
    expect(again.secretKey).toMatch(/^[0-9a-f]{64}$/);
    expect(again.secretKey).not.toBe(secretKey);
    writeFileSync(path.join(folder, "secret.key"), "");
    expect(() => openLayout(folder)).toThrow(failure("WS_REPOSITORY_UNUSABLE"));
  });

  test("that is a file is refused", () => {
    const file = path.join(temporary(), "x");
    writeFileSync(file, "");
    expect(() => openLayout(file)).toThrow(failure("WS_REPOSITORY_UNUSABLE"));
    expect(() => openLayout(path.join(file, ".warmstart"))).toThrow(failure("WS_REPOSITORY_UNUSABLE"));
  });

  test("that was deleted or replaced while in use is noticed", () => {
    const folder = path.join(temporary(), ".warmstart");
    const layout = openLayout(folder);
    requireLayout(layout);
    rmSync(folder, { recursive: true });
    expect(() => requireLayout(layout)).toThrow(failure("WS_REPOSITORY_GONE"));
    openLayout(folder);
    expect(() => requireLayout(layout)).toThrow(failure("WS_REPOSITORY_GONE"));
  });

  test.skipIf(isRoot)("in a folder that may not be written to is refused", () => {
    const folder = temporary();
    chmodSync(folder, 0o500);
    expect(() => openLayout(path.join(folder, ".warmstart"))).toThrow(failure("WS_READ_ONLY"));
    chmodSync(folder, 0o700);
  });

  const whenMounting = test.skipIf(!canMount());

  whenMounting("on a read-only file system is refused when it is to be made, and opened when it is there", () => {
    mounted("size=1m", (folder) => {
      const { id } = openLayout(path.join(folder, "there"));
      execFileSync("mount", ["-o", "remount,ro", folder]);
      expect(openLayout(path.join(folder, "there"))).toMatchObject({ id, created: false });
      expect(() => openLayout(path.join(folder, "other"))).toThrow(failure("WS_READ_ONLY"));
    });
  });

  whenMounting("on a full disk is refused, and made once there is room", () => {
    mounted("size=64k", (folder) => {
      mkdirSync(path.join(folder, ".warmstart"));
      fill(path.join(folder, "ballast"));
      expect(() => openLayout(path.join(folder, ".warmstart"))).toThrow(failure("WS_NO_SPACE"));
      rmSync(path.join(folder, "ballast"));
      expect(openLayout(path.join(folder, ".warmstart")).secretKey).toMatch(/^[0-9a-f]{64}$/);
    });
  });
});

function fill(file: string): void {
  for (let size = 65_536; size >= 1; size = Math.floor(size / 2)) {
    try {
      writeFileSync(file, new Uint8Array(size), { flag: "a" });
    } catch (error) {
      expect(error).toMatchObject({ code: "ENOSPC" });
    }
  }
  expect(existsSync(file)).toBe(true);
}
