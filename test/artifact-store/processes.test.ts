import { spawn, spawnSync } from "node:child_process";
import type { ChildProcess } from "node:child_process";
import { once } from "node:events";
import { readdirSync, readFileSync, statfsSync } from "node:fs";
import { dirname, join } from "node:path";
import { text } from "node:stream/consumers";
import { describe, expect, onTestFinished, test } from "vitest";
import { openArtifactStore } from "../../src/artifact-store/open-artifact-store.ts";
import { digestOf } from "../../src/encoding/digest.ts";
import { temporaryFolder } from "./temporary-folder.ts";

const program = join(import.meta.dirname, "fixtures", "put-child.ts");

function start(folder: string, ...more: readonly string[]): ChildProcess {
  const child = spawn(process.execPath, [program, folder, ...more], { stdio: ["ignore", "pipe", "inherit"] });
  onTestFinished(() => void child.kill("SIGKILL"));
  return child;
}

async function outputOf(child: ChildProcess): Promise<string> {
  const [output] = await Promise.all([child.stdout === null ? "" : text(child.stdout), once(child, "exit")]);
  expect(child.exitCode).toBe(0);
  return output;
}

describe("processes that share a store", () => {
  test("put the same blobs at the same time, and all succeed", async () => {
    const folder = join(temporaryFolder(), "store");
    await Promise.all([1, 2, 3].map(() => outputOf(start(folder, "many"))));
    await using store = await openArtifactStore({ kind: "local", folder, durability: "process-crash" });
    const blobs = await Array.fromAsync(store.list());
    expect(blobs).toHaveLength(305);
    for (const { digest } of blobs) expect(await store.verify(digest)).toBe("ok");
    expect(readdirSync(join(folder, "staging"))).toEqual([]);
  });

  test("that is killed in the middle of a put leaves one staging file and a store that works", async () => {
    const folder = join(temporaryFolder(), "store");
    const child = start(folder, "hang");
    await once(child.stdout ?? child, "data");
    child.kill("SIGKILL");
    await once(child, "exit");
    expect(readdirSync(join(folder, "staging"))).toEqual([expect.stringMatching(new RegExp(`^${child.pid}-`))]);
    await using store = await openArtifactStore({ kind: "local", folder, durability: "process-crash" });
    expect(await Array.fromAsync(store.list())).toEqual([]);
    const info = await store.put(new Uint8Array(300_000));
    expect(await store.verify(info.digest)).toBe("ok");
  });
});

describe("durability", () => {
  /** What a child brings to the disk, as paths under the folder; undefined where strace does not work. */
  function synced(parent: string, mode: string): readonly string[] | undefined {
    const trace = join(parent, "trace");
    const strace = ["-f", "-y", "-e", "trace=fsync,fdatasync", "-o", trace];
    const folder = join(parent, "new", "store");
    const ended = spawnSync("strace", [...strace, process.execPath, program, folder, mode], { stdio: "ignore" });
    if (ended.status !== 0) return undefined;
    const calls = readFileSync(trace, "utf8").matchAll(/sync\(\d+<([^>]*)>/g);
    const paths = [...calls].map(([, path = ""]) => path).filter((path) => path.startsWith(parent));
    return [...new Set(paths)].map((path) => path.slice(parent.length)).toSorted();
  }

  test("power-loss: flush syncs each blob and every folder with a new entry", ({ skip }) => {
    const blobs = [10, 20].map((size) => digestOf(new Uint8Array(size)));
    const objects = "/new/store/objects-v1";
    const files = blobs.map((digest) => `${objects}/${digest.slice(0, 2)}/${digest.slice(2)}`);
    const expected = ["", "/new", "/new/store", objects, ...files, ...files.map((file) => dirname(file))];
    expect(synced(temporaryFolder(), "flush") ?? skip("needs strace")).toEqual(expected.toSorted());
  });

  test("process-crash: nothing is synced", ({ skip }) => {
    expect(synced(temporaryFolder(), "many") ?? skip("needs strace")).toEqual([]);
  });
});

describe("memory", () => {
  test("stays bounded while a gigabyte is put and got", { timeout: 120_000 }, async ({ skip, annotate }) => {
    const parent = temporaryFolder();
    const { bavail, bsize } = statfsSync(parent);
    if (bavail * bsize < 4 * 1024 ** 3) skip("less than 4 GiB of disk are free");
    const report: unknown = JSON.parse(await outputOf(start(join(parent, "store"), "large", "1024")));
    await annotate(JSON.stringify(report));
    expect(report).toMatchObject({ received: 1024 ** 3 });
    // V8 collects chunks that nobody holds once 64 MiB of them have gathered.
    expect((report as { growth: number }).growth).toBeLessThan(96);
  });
});

describe("open files", () => {
  test("are all closed again, whatever became of the calls", async ({ skip }) => {
    if (process.platform !== "linux") skip("counts open files in /proc");
    const folder = join(temporaryFolder(), "store");
    const store = await openArtifactStore({ kind: "local", folder, durability: "power-loss" });
    const opened = (): number => readdirSync("/proc/self/fd").length;
    const before = opened();
    const { digest } = await store.put(new Uint8Array(3_000_000));
    const stop = new AbortController();
    const signal = stop.signal;
    const calls = [
      ...Array.from({ length: 5 }, () => store.read(digest, { signal })),
      ...Array.from({ length: 5 }, () => store.verify(digest, { signal })),
      ...Array.from({ length: 5 }, (_, copy) => store.copyTo(digest, join(folder, `copy-${copy}`), { signal })),
      ...Array.from({ length: 5 }, () => store.putFile(program, { signal })),
      ...Array.from({ length: 5 }, (_, blob) => store.put(new Uint8Array(3_000_000 + blob), { signal })),
      store.flush({ signal }),
    ];
    stop.abort(new Error("enough"));
    await Promise.allSettled(calls);
    for await (const _chunk of store.stream(digest)) break;
    await store[Symbol.asyncDispose]();
    expect(opened()).toBe(before);
  });
});
