import {
  chmodSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  realpathSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { digestOf } from "../../src/encoding/digest.ts";
import type { Materializer } from "../../src/materializer/materializer.ts";
import { createMaterializerRegistry } from "../../src/materializer/registry.ts";
import type { StoredValue } from "../../src/model/artifact.ts";
import { directory, file, html, specialKindOf, svg } from "../../src/pipeline/value-kinds.ts";
import type { DirectoryValue, FileValue } from "../../src/pipeline/value-kinds.ts";
import { loadContext, MemoryBlobs, saveContext } from "./memory-blobs.ts";

const registry = createMaterializerRegistry(new Map());
let folder: string;
let blobs: MemoryBlobs;

beforeEach(() => {
  folder = realpathSync(mkdtempSync(join(tmpdir(), "materializer-")));
  blobs = new MemoryBlobs(100);
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

async function save(value: unknown, forbidden: readonly string[] = []): Promise<StoredValue> {
  return await registry.forValue(value).save(value, saveContext(blobs, forbidden));
}

async function load(stored: StoredValue): Promise<unknown> {
  return await registry.byType(stored.type).load(stored, loadContext(blobs, join(folder, "loaded")));
}

function rootBytes({ digest }: StoredValue): Buffer {
  return Buffer.concat(blobs.blobs.get(digest) ?? []);
}

describe("bytes and texts are stored as they are", () => {
  test.each([
    ["a Uint8Array", new Uint8Array([0, 255, 10]), "bytes", Buffer.from([0, 255, 10])],
    ["a Buffer", Buffer.from("abc"), "buffer", Buffer.from("abc")],
    ["an empty Uint8Array", new Uint8Array(0), "bytes", Buffer.alloc(0)],
    ["a text", `naïve \ufeff\u{1f600}`, "text", Buffer.from(`naïve \ufeff\u{1f600}`)],
    ["a text that begins with a byte order mark", "\ufeffx", "text", Buffer.from("\ufeffx")],
    ["an empty text", "", "text", Buffer.alloc(0)],
  ])("%s", async (_, value, id, expected) => {
    const stored = await save(value);
    expect(stored).toMatchObject({ type: { id, version: 1 }, traits: [], size: expected.byteLength });
    expect(rootBytes(stored)).toEqual(expected);
    const loaded = await load(stored);
    expect(Buffer.isBuffer(loaded)).toBe(Buffer.isBuffer(value));
    expect(loaded).toEqual(value);
  });

  test("a part of a buffer without what lies around it", async () => {
    const loaded = (await load(await save(new Uint8Array([1, 2, 3, 4]).subarray(1, 3)))) as Uint8Array;
    expect(loaded).toEqual(new Uint8Array([2, 3]));
  });

  test("a long text whose pieces would cut a pair", async () => {
    const value = `x${"\u{1f600}".repeat(200_000)}`;
    expect(await load(await save(value))).toBe(value);
  });

  test("a text with a lone surrogate and other binary values are structured", async () => {
    for (const value of ["\ud83d", new Float32Array([1.5]), new Uint8ClampedArray([1]), new ArrayBuffer(3)]) {
      const stored = await save(value);
      expect(stored.type.id).toBe("structured");
      expect(await load(stored)).toEqual(value);
    }
  });

  test("a text that is a path of the temporary folder is refused", async () => {
    await expect(save("/tmp/step-1/out", ["/tmp/step-1"])).rejects.toMatchObject({ code: "WS_NOT_STORABLE" });
    await expect(save(html("/tmp/step-1/out"), ["/tmp/step-1"])).rejects.toMatchObject({ code: "WS_NOT_STORABLE" });
  });
});

describe("reports", () => {
  test.each([html("<h1>ü</h1>"), svg("<svg/>")])("$kind", async (value) => {
    const stored = await save(value);
    expect(stored.type.id).toBe(value.kind);
    expect(rootBytes(stored).toString()).toBe(value.text);
    const loaded = await load(stored);
    expect(loaded).toEqual(value);
    expect(specialKindOf(loaded)).toBe(value.kind);
  });

  test("inside other data are refused with the way out", async () => {
    await expect(save({ page: html("") })).rejects.toMatchObject({
      details: { path: "page" },
      hint: /an output of its own/,
    });
  });

  test("a plain object that looks like one is data", async () => {
    expect((await save({ kind: "html", text: "x" })).type.id).toBe("structured");
  });
});

describe("a file", () => {
  test("comes back with its name, bytes and right to run, under a path of its own", async () => {
    const path = join(folder, "run.sh");
    writeFileSync(path, "echo");
    chmodSync(path, 0o755);
    const returned = file(path);
    const stored = await save(returned);
    const loaded = (await load(stored)) as FileValue;
    expect(loaded).toMatchObject({ kind: "file", name: "run.sh", size: 4, digest: digestOf("echo") });
    expect({ size: returned.size, digest: returned.digest }).toEqual({ size: loaded.size, digest: loaded.digest });
    expect(await loaded.text()).toBe("echo");
    expect(await loaded.bytes()).toEqual(new Uint8Array(Buffer.from("echo")));
    expect(statSync(loaded.path).mode & 0o111).toBe(0o111);
    expect(((await load(stored)) as FileValue).path).not.toBe(loaded.path);
    expect((await save(loaded)).digest).toBe(stored.digest);
  });

  test("is the same value wherever it was written", async () => {
    mkdirSync(join(folder, "other"));
    writeFileSync(join(folder, "a.csv"), "1,2");
    writeFileSync(join(folder, "other", "b.csv"), "1,2");
    const first = await save(file(join(folder, "a.csv")));
    expect((await save(file(join(folder, "other", "b.csv"), { name: "a.csv" }))).digest).toBe(first.digest);
    expect((await save(file(join(folder, "other", "b.csv")))).digest).not.toBe(first.digest);
  });

  test("that is missing or a folder is refused", async () => {
    await expect(save(file(join(folder, "none")))).rejects.toMatchObject({ code: "WS_NOT_STORABLE" });
    await expect(save(file(folder))).rejects.toMatchObject({ hint: /directory\(path\)/ });
  });

  test("that changes while it is stored is refused", async () => {
    const path = join(folder, "x");
    writeFileSync(path, "1");
    const writer = {
      put: blobs.put.bind(blobs),
      putFile: async (from: string) => {
        const info = await blobs.putFile(from);
        writeFileSync(path, "22");
        return info;
      },
    };
    const value = file(path);
    await expect(registry.forValue(value).save(value, saveContext(writer))).rejects.toThrow(
      /changed while it was stored/,
    );
  });

  test.each(["", "a/b", "..", "a\0", 7])("refuses the name %j", (name) => {
    expect(() => file("x", { name: name as string })).toThrow(expect.objectContaining({ code: "WS_BAD_RESULT" }));
  });
});

describe("a directory", () => {
  function tree(root: string, order: readonly string[]): DirectoryValue {
    for (const path of order) {
      mkdirSync(join(root, path, ".."), { recursive: true });
      if (path.endsWith("/")) mkdirSync(join(root, path), { recursive: true });
      else writeFileSync(join(root, path), path);
    }
    return directory(root);
  }

  test("comes back whole, with empty folders, links and the right to run", async () => {
    const value = tree(join(folder, "d"), ["b/x.txt", "a.txt", "empty/", "b/run"]);
    chmodSync(join(value.path, "b/run"), 0o700);
    symlinkSync("../a.txt", join(value.path, "b/link"));
    const stored = await save(value);
    const loaded = (await load(stored)) as DirectoryValue;
    expect(loaded.files.map(({ path }) => path)).toEqual(["a.txt", "b/run", "b/x.txt"]);
    expect(loaded.files).toEqual(value.files);
    expect(readFileSync(join(loaded.path, "b/link"), "utf8")).toBe("a.txt");
    expect(statSync(join(loaded.path, "empty")).isDirectory()).toBe(true);
    expect(statSync(join(loaded.path, "b/run")).mode & 0o100).toBe(0o100);
    expect(statSync(join(loaded.path, "a.txt")).mode & 0o100).toBe(0);
    expect((await save(loaded)).digest).toBe(stored.digest);
  });

  test("has one digest whatever the order in which it was written, and where", async () => {
    const first = await save(tree(join(folder, "one"), ["z", "a/b", "a.b"]));
    const second = await save(tree(join(folder, "two"), ["a.b", "a/b", "z"]));
    expect(second.digest).toBe(first.digest);
    writeFileSync(join(folder, "two", "z"), "changed");
    expect((await save(directory(join(folder, "two")))).digest).not.toBe(first.digest);
  });

  test.each(["/etc/hostname", "../outside", "nowhere", "."])("with a link to %s is refused", async (target) => {
    writeFileSync(join(folder, "outside"), "");
    const value = tree(join(folder, "d"), ["a"]);
    symlinkSync(target, join(value.path, "link"));
    await expect(save(value)).rejects.toMatchObject({
      code: "WS_NOT_STORABLE",
      details: { path: join(value.path, "link") },
    });
  });

  test("with a socket is refused", async () => {
    const value = tree(join(folder, "d"), ["a"]);
    const server = createServer().listen(join(value.path, "s"));
    await new Promise((resolve) => server.once("listening", resolve));
    await expect(save(value)).rejects.toThrow(/socket/);
    await new Promise((resolve) => server.close(resolve));
  });

  test.each(["../x", "/x", "a/../../x", ""])("never writes outside when its manifest says %j", async (path) => {
    const content = await blobs.put(Buffer.from("evil"));
    for (const entry of [
      { path, ...content, executable: false },
      { path: "l", link: path === "" ? "." : path },
    ]) {
      const manifest = { format: "warmstart/directory", version: 1, entries: [entry] };
      const root = await blobs.put(Buffer.from(JSON.stringify(manifest)));
      const stored = { type: { id: "directory", version: 1 }, digest: root.digest, blobs: [], size: 0, traits: [] };
      await expect(load(stored)).rejects.toMatchObject({ code: "WS_BAD_STORED_VALUE" });
    }
  });

  test.each([
    [
      { path: "c", folder: true },
      { path: "a/b/x", link: "../../c" },
      { path: "a/b/y", link: "x/../../z" },
    ],
    [
      { path: "a", link: "c" },
      { path: "a/y", link: "../c" },
    ],
  ])("never leads outside through links upon links", async (...entries) => {
    const root = await blobs.put(Buffer.from(JSON.stringify({ format: "warmstart/directory", version: 1, entries })));
    const stored = { type: { id: "directory", version: 1 }, digest: root.digest, blobs: [], size: 0, traits: [] };
    await expect(load(stored)).rejects.toMatchObject({ code: "WS_BAD_STORED_VALUE" });
  });

  test("to which a file is added while it is stored is refused", async () => {
    const value = tree(join(folder, "d"), ["a"]);
    const writer = {
      put: blobs.put.bind(blobs),
      putFile: async (from: string) => {
        writeFileSync(join(value.path, "late"), "");
        return await blobs.putFile(from);
      },
    };
    const chosen: Materializer = registry.forValue(value);
    await expect(chosen.save(value, saveContext(writer))).rejects.toThrow(/changed while it was stored/);
  });
});
