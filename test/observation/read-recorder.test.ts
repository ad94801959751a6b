import { mkdirSync, mkdtempSync, realpathSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterAll, beforeEach, describe, expect, test } from "vitest";
import { createFileDigests } from "../../src/code-identity/module-stamps.ts";
import { createRootedPaths } from "../../src/code-identity/rooted-path.ts";
import { digestOf } from "../../src/encoding/digest.ts";
import { digestAt } from "../../src/observation/data-digests.ts";
import { placeName } from "../../src/observation/place-name.ts";
import { ReadRecorder } from "../../src/observation/read-recorder.ts";
import { SideEffects } from "../../src/observation/side-effects.ts";

const folder = realpathSync(mkdtempSync(path.join(tmpdir(), "warmstart-reads-")));
const root = path.join(folder, "project");
afterAll(() => rmSync(folder, { recursive: true, force: true }));
beforeEach(() => {
  rmSync(root, { recursive: true, force: true });
  mkdirSync(root);
  write("x", "one");
});

function write(name: string, text: string): void {
  mkdirSync(path.dirname(path.join(root, name)), { recursive: true });
  writeFileSync(path.join(root, name), text);
}

function names(): { readonly projectRoot: string; nameOf(absolute: string): string } {
  const paths = createRootedPaths({ projectRoot: root });
  return { projectRoot: root, nameOf: (absolute) => paths.nameOf(absolute) };
}

function recorder(environment: Readonly<Record<string, string>> = {}): ReadRecorder {
  return new ReadRecorder({ ...names(), digests: createFileDigests(), environment, environmentKey: "key" });
}

const at = (name: string): string => path.join(root, name);
const nothing: ReadonlySet<string> = new Set();

describe("reads", () => {
  test("are told once each, with what was there when it was asked for", async () => {
    const reads = recorder({ NAME: "value" });
    expect([reads.file("x"), reads.file("./x"), reads.file(at("x"))]).toEqual([at("x"), at("x"), at("x")]);
    expect([reads.env("NAME"), reads.env("NONE"), reads.env("NAME")]).toEqual(["value", undefined, "value"]);
    const { reads: found, changed } = await reads.finish(nothing);
    expect(found.map(({ kind, name }) => `${kind} ${name}`)).toEqual(["file project:x", "env NAME", "env NONE"]);
    expect(found[0]?.digest).toBe(digestOf("one"));
    expect(JSON.stringify(found)).not.toContain("value");
    expect(changed).toEqual([]);
  });

  test.each<[string, () => void]>([
    ["was written to", () => write("x", "two!")],
    ["was replaced by the same bytes", () => (rmSync(at("x")), write("x", "one"))],
    ["was removed", () => rmSync(at("x"))],
    ["became a folder", () => (rmSync(at("x")), mkdirSync(at("x")))],
    ["became a link", () => (rmSync(at("x")), write("y", "one"), symlinkSync("y", at("x")))],
  ])("what %s meanwhile is told as changed", async (_, change) => {
    const reads = recorder();
    reads.file("x");
    change();
    expect(await reads.finish(nothing)).toEqual({ reads: [], changed: ["project:x"] });
  });

  test("so is what appeared, but not what the step itself made", async () => {
    const reads = recorder();
    reads.file("new");
    reads.file("own");
    write("new", "1");
    write("own", "1");
    expect(await reads.finish(new Set([at("own")]))).toEqual({ reads: [], changed: ["project:new"] });
  });

  test("a folder in which something changed before anything yielded, deep inside", async () => {
    write("data/a/b", "1");
    const reads = recorder();
    reads.directory("data");
    write("data/a/b", "2");
    expect((await reads.finish(nothing)).changed).toEqual(["project:data"]);
  });
});

describe("the digest of a folder", () => {
  const digest = (): Promise<unknown> => digestAt(at("data"), createFileDigests());

  test("differs for every difference that a reader can see", async () => {
    const seen = new Set<unknown>();
    const states: readonly (() => void)[] = [
      () => undefined,
      () => mkdirSync(at("data")),
      () => write("data/a", ""),
      () => write("data/a", "1"),
      () => write("data/b", "1"),
      () => mkdirSync(at("data/c")),
      () => write("data/c/a", "1"),
      () => write("data/ca", "1"),
      () => symlinkSync("none", at("data/broken")),
      () => symlinkSync("c", at("data/linked")),
      () => write("data/c/more", "1"),
      () => symlinkSync(".", at("data/circle")),
    ];
    for (const change of states) {
      change();
      seen.add(await digest());
      expect(await digest()).toBe([...seen].at(-1));
    }
    expect(seen.size).toBe(states.length);
  });

  test("does not depend on the order in which it was filled", async () => {
    for (const name of ["b", "a", "c/x"]) write(`data/${name}`, name);
    const one = await digest();
    rmSync(at("data"), { recursive: true });
    for (const name of ["c/x", "b", "a"]) write(`data/${name}`, name);
    expect(await digest()).toBe(one);
  });
});

test("a place keeps the name of a link on its way, and the project's own root may be one", () => {
  symlinkSync("x", at("link"));
  symlinkSync(root, path.join(folder, "by-link"));
  const byLink = { ...names(), projectRoot: path.join(folder, "by-link") };
  expect(placeName(at("x"), names())).toBe("project:x");
  expect(placeName(at("link"), names())).toBe("project:link");
  expect(placeName(path.join(folder, "by-link", "x"), byLink)).toBe("project:x");
  expect(placeName(path.join(folder, "by-link", "link"), byLink)).toBe("project:link");
  expect(placeName(at("none/of/this"), names())).toBe("project:none/of/this");
  rmSync(path.join(folder, "by-link"));
});

test("side effects: what is left at the end counts, appending is shown, own folders and devices are not", async () => {
  const effects = new SideEffects({ ...names(), digests: createFileDigests(), ownFolders: [at("own")] });
  const note = (name: string, kind: "replaced" | "appended" | "removed"): void =>
    effects.note({ path: path.resolve(root, name), kind });
  write("both", "1");
  note("both", "appended");
  note("both", "replaced");
  note("both", "appended");
  write("log", "there before");
  note("log", "appended");
  note("gone", "replaced");
  note("own/tmp/x", "replaced");
  note("owner", "removed");
  note("/dev/null", "replaced");
  note("/dev/full", "replaced");
  const found = await effects.finish();
  expect(found.effects).toEqual([
    { path: "project:both", state: { kind: "file", digest: digestOf("1") } },
    { path: "project:gone", state: { kind: "removed" } },
    { path: "project:owner", state: { kind: "removed" } },
  ]);
  expect(found.appended).toEqual(["project:log", "/dev/full"]);
  expect([...found.written]).toEqual([at("both"), at("gone"), at("owner")]);
  expect(found.unreadable).toEqual([]);
});
