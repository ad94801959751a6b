import { constants, writeFileSync as namedWriteFileSync } from "node:fs";
import type { WriteStream } from "node:fs";
import fsp from "node:fs/promises";
import { createRequire, syncBuiltinESMExports } from "node:module";
import { tmpdir } from "node:os";
import path from "node:path";
import { pathToFileURL } from "node:url";
import { promisify } from "node:util";
import { afterAll, beforeEach, describe, expect, test } from "vitest";
import type { ObservedWrite } from "../../src/observation/observed-write.ts";
import { observeWrites, patchFileSystem } from "../../src/observation/write-observer.ts";

const fs = createRequire(import.meta.url)("node:fs") as typeof import("node:fs");
const before = new Map<string, PropertyDescriptorMap>();
const names = [
  "writeFile",
  "writeFileSync",
  "open",
  "openSync",
  "rename",
  "rm",
  "createWriteStream",
  "cpSync",
] as const;
for (const name of names) before.set(name, Object.getOwnPropertyDescriptors(fs[name]));
patchFileSystem();
syncBuiltinESMExports();

const folder = fs.mkdtempSync(path.join(tmpdir(), "warmstart-writes-"));
afterAll(() => fs.rmSync(folder, { recursive: true, force: true }));
const at = (name: string): string => path.join(folder, name);

beforeEach(() => {
  for (const name of fs.readdirSync(folder)) fs.rmSync(at(name), { recursive: true, force: true });
  fs.writeFileSync(at("there"), "there");
  fs.mkdirSync(at("folder"));
});

/** What was noted while the body ran, by name, each once. */
async function noted(body: () => unknown): Promise<readonly string[]> {
  const writes: ObservedWrite[] = [];
  const stop = observeWrites((write) => writes.push(write));
  try {
    await body();
  } finally {
    stop();
  }
  return [...new Set(writes.map(({ path: file, kind }) => `${kind} ${path.relative(folder, file)}`))].sort();
}

/** A function in its three forms: sync, with a callback, and as a promise. */
function forms(name: string, args: readonly unknown[]): readonly (readonly [string, () => unknown])[] {
  const call = (target: object, called: string, given: readonly unknown[]): unknown =>
    Reflect.apply(Reflect.get(target, called) as () => unknown, target, given);
  const withCallback = (): Promise<unknown> => {
    const { promise, resolve, reject } = Promise.withResolvers<unknown>();
    call(fs, name, [
      ...args,
      (error: unknown, value: unknown) => (error instanceof Error ? reject(error) : resolve(value)),
    ]);
    return promise;
  };
  return [
    [`${name}Sync`, () => call(fs, `${name}Sync`, args)],
    [`${name} with a callback`, withCallback],
    [`promises.${name}`, () => call(fs.promises, name, args)],
    [`named from fs/promises: ${name}`, () => call(fsp, name, args)],
  ];
}

const writing: readonly (readonly [string, readonly unknown[], readonly string[]])[] = [
  ["writeFile", [at("x"), "1"], ["replaced x"]],
  ["writeFile", [pathToFileURL(at("x")), "1"], ["replaced x"]],
  ["writeFile", [Buffer.from(at("x")), "1"], ["replaced x"]],
  ["writeFile", [at("x"), "1", "utf8"], ["replaced x"]],
  ["writeFile", [at("x"), "1", { flag: "a" }], ["appended x"]],
  ["appendFile", [at("x"), "1"], ["appended x"]],
  ["appendFile", [at("x"), "1", { flag: "w" }], ["replaced x"]],
  ["truncate", [at("there"), 1], ["replaced there"]],
  ["rename", [at("there"), at("y")], ["removed there", "replaced y"]],
  ["copyFile", [at("there"), at("y")], ["replaced y"]],
  ["link", [at("there"), at("y")], ["replaced y"]],
  ["symlink", ["there", at("y")], ["replaced y"]],
  ["unlink", [at("there")], ["removed there"]],
  ["rm", [at("there")], ["removed there"]],
  ["rmdir", [at("folder")], ["removed folder"]],
];

describe("what writes is noted", () => {
  for (const [name, args, expected] of writing) {
    for (const [form, run] of forms(name, args)) {
      test(`${form}(${args
        .slice(1)
        .map((arg) => JSON.stringify(arg))
        .join()})`, async () => {
        expect(await noted(run)).toEqual(expected);
      });
    }
  }

  test.each(forms("cp", [at("there"), at("y"), {}]))("%s", async (_, run) => {
    expect(await noted(run)).toContain("replaced y");
  });

  const flags: readonly (readonly [string | number, string | undefined])[] = [
    ["r", undefined],
    ["rs", undefined],
    ["r+", "replaced"],
    ["w", "replaced"],
    ["w+", "replaced"],
    ["a", "appended"],
    ["a+", "appended"],
    ["as", "appended"],
    [constants.O_RDONLY, undefined],
    [constants.O_WRONLY, "replaced"],
    [constants.O_RDWR, "replaced"],
    [constants.O_RDONLY | constants.O_CREAT, "replaced"],
    [constants.O_RDONLY | constants.O_TRUNC, "replaced"],
    [constants.O_WRONLY | constants.O_APPEND, "appended"],
  ];
  test.each(flags)("a file opened with %s", async (flag, kind) => {
    const expected = kind === undefined ? [] : [`${kind} there`];
    expect(await noted(() => fs.closeSync(fs.openSync(at("there"), flag)))).toEqual(expected);
    expect(await noted(() => promisify(fs.open)(at("there"), flag).then((fd) => fs.closeSync(fd)))).toEqual(expected);
    expect(await noted(async () => (await fsp.open(at("there"), flag)).close())).toEqual(expected);
  });

  test("streams, by function and by class; one with a descriptor of its own does not touch its path", async () => {
    const end = (stream: WriteStream): Promise<unknown> =>
      new Promise((resolve, reject) => stream.on("error", reject).end("1", () => resolve(undefined)));
    expect(await noted(() => end(fs.createWriteStream(at("x"))))).toEqual(["replaced x"]);
    expect(await noted(() => end(fs.createWriteStream(at("x"), { flags: "a" })))).toEqual(["appended x"]);
    expect(await noted(() => end(new fs.WriteStream(at("x") as never)))).toEqual(["replaced x"]);
    const fd = fs.openSync(at("there"), "w");
    expect(await noted(() => end(fs.createWriteStream(at("other"), { fd })))).toEqual([]);
  });

  test("through names that were taken from the module", async () => {
    expect(await noted(() => namedWriteFileSync(at("x"), "1"))).toEqual(["replaced x"]);
    const { writeFileSync } = fs;
    expect(await noted(() => writeFileSync(at("x"), "1"))).toEqual(["replaced x"]);
  });
});

describe("what reads is not noted", () => {
  const reading: readonly (readonly [string, readonly unknown[]])[] = [
    ["readFile", [at("there")]],
    ["stat", [at("there")]],
    ["lstat", [at("there")]],
    ["readdir", [folder]],
    ["access", [at("there")]],
    ["realpath", [at("there")]],
    ["utimes", [at("there"), 1, 1]],
    ["chmod", [at("there"), 0o600]],
  ];
  for (const [name, args] of reading) {
    test.each(forms(name, args))("%s", async (_, run) => {
      expect(await noted(run)).toEqual([]);
    });
  }

  test("nor is anything after the end", async () => {
    const writes = await noted(() => undefined);
    fs.writeFileSync(at("x"), "1");
    expect(writes).toEqual([]);
  });
});

describe("the functions stay what they were", () => {
  test("name, length and everything hung on them", () => {
    for (const [name, descriptors] of before) {
      const now = Object.getOwnPropertyDescriptors(Reflect.get(fs, name) as object);
      expect(Reflect.ownKeys(now)).toEqual(Reflect.ownKeys(descriptors));
      expect([now["name"], now["length"]]).toEqual([descriptors["name"], descriptors["length"]]);
    }
  });

  test("values and errors", async () => {
    await noted(async () => {
      expect(fs.writeFileSync(at("x"), "1")).toBeUndefined();
      expect(await fsp.writeFile(at("x"), "1")).toBeUndefined();
      expect(() => fs.writeFileSync(at("no/x"), "1")).toThrow(
        expect.objectContaining({ code: "ENOENT", syscall: "open" }),
      );
      await expect(fsp.rm(at("none"))).rejects.toMatchObject({ code: "ENOENT" });
      await expect(fsp.writeFile(new URL("file://host/x"), "1")).rejects.toThrow(/host/);
      expect(() => fs.writeFileSync(undefined as never, "1")).toThrow(TypeError);
      await expect(promisify(fs.rename)(at("none"), at("x"))).rejects.toMatchObject({ code: "ENOENT" });
    });
  });

  test("patching again changes nothing", () => {
    const { writeFileSync } = fs;
    patchFileSystem();
    expect(fs.writeFileSync).toBe(writeFileSync);
  });
});
