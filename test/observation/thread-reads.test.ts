import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterAll, beforeEach, describe, expect, test } from "vitest";
import { digestOf } from "../../src/encoding/digest.ts";
import { absentDigest } from "../../src/observation/data-digests.ts";
import { MOST_READS, ThreadReads } from "../../src/observation/thread-reads.ts";
import { noteReadsIn } from "../../src/observation/write-observer.ts";

const fs = createRequire(import.meta.url)("node:fs") as typeof import("node:fs");
const folder = fs.realpathSync(fs.mkdtempSync(path.join(tmpdir(), "warmstart-thread-reads-")));
const home = process.cwd();
const at = (name: string): string => path.join(folder, name);
afterAll(() => fs.rmSync(folder, { recursive: true, force: true }));
beforeEach(() => {
  fs.rmSync(folder, { recursive: true, force: true });
  fs.mkdirSync(folder);
  fs.writeFileSync(at("a"), "one");
});

/** What a body was seen to read. Writes within `unseen` are somebody else's. */
async function observed(body: (unseen: (write: () => void) => void) => unknown): Promise<ThreadReads> {
  const reads = new ThreadReads();
  const unseen = (write: () => void): void => {
    noteReadsIn(undefined);
    write();
    noteReadsIn(reads);
  };
  noteReadsIn(reads);
  try {
    await body(unseen);
  } finally {
    noteReadsIn(undefined);
    process.chdir(home);
  }
  return reads;
}

function digests(reads: ThreadReads): Readonly<Record<string, string | undefined>> {
  return Object.fromEntries(reads.noted.map((read) => [path.relative(folder, read.path), read.digest]));
}

const oneOnly = { a: digestOf("one") };

describe("what was handed out is what counts", () => {
  test("as bytes that the step then changes", async () => {
    const reads = await observed(() => fs.readFileSync(at("a")).fill(0));
    expect(digests(reads)).toEqual(oneOnly);
    expect(digests(await observed(async () => (await fs.promises.readFile(at("a"))).fill(0)))).toEqual(oneOnly);
  });

  test("when the file changes before the step ends", async () => {
    const change = (unseen: (write: () => void) => void): void => unseen(() => fs.writeFileSync(at("a"), "two"));
    const atOnce = await observed((unseen) => [fs.readFileSync(at("a"), "utf8"), change(unseen)]);
    const bytes = await observed((unseen) => {
      fs.writeFileSync(at("b"), "");
      unseen(() => fs.writeFileSync(at("a"), "one"));
      return [fs.readFileSync(at("a")), change(unseen)];
    });
    expect([digests(atOnce), digests(bytes)["a"]]).toEqual([oneOnly, digestOf("one")]);
  });

  test.each([[Buffer.from([0x66, 0xff])], [Buffer.from("\ufffd")], [Buffer.from("\ufeffx")]])(
    "as text of the bytes %o",
    async (bytes) => {
      fs.writeFileSync(at("a"), bytes);
      const expected = { a: digestOf(bytes) };
      expect(digests(await observed(() => fs.readFileSync(at("a"), "utf8")))).toEqual(expected);
      expect(digests(await observed(() => fs.promises.readFile(at("a"), "utf8")))).toEqual(expected);
    },
  );

  test.each([0, 1, 1 << 14, (1 << 14) + 1, 1 << 21])("of %d bytes", async (size) => {
    fs.writeFileSync(at("a"), Buffer.alloc(size, "x"));
    const expected = { a: digestOf("x".repeat(size)) };
    expect(digests(await observed(() => fs.readFileSync(at("a"))))).toEqual(expected);
    expect(digests(await observed(() => fs.readFileSync(at("a"), "utf8")))).toEqual(expected);
  });

  test("more of it than is kept", async () => {
    const names = Array.from({ length: 1_100 }, (_, index) => `n${index}`);
    const textOf = (name: string): string => name.padEnd(1 << 14, ".");
    for (const name of names) fs.writeFileSync(at(name), textOf(name));
    const reads = await observed(() => names.map((name) => fs.readFileSync(at(name)).fill(1).length));
    expect(digests(reads)).toEqual(Object.fromEntries(names.map((name) => [name, digestOf(textOf(name))])));
  });
});

describe("what was seen as one thing and then as another is told", () => {
  const asText = (): string => fs.readFileSync(at("a"), "utf8");
  const looks: readonly (readonly [name: string, first: () => unknown, second: () => unknown])[] = [
    ["two reads", asText, asText],
    ["text and bytes", asText, () => fs.readFileSync(at("a"))],
    ["a read and an open", asText, () => fs.closeSync(fs.openSync(at("a"), "r"))],
    ["an open and a read", () => fs.closeSync(fs.openSync(at("a"), "r")), asText],
    ["a read and a promise", asText, () => fs.promises.readFile(at("a"), "utf8")],
    ["two promises", () => fs.promises.readFile(at("a"), "utf8"), () => fs.promises.readFile(at("a"))],
  ];
  test.each(looks)("by %s", async (_, first, second) => {
    const reads = await observed(async (unseen) => {
      await first();
      unseen(() => fs.writeFileSync(at("a"), "two"));
      await second();
    });
    expect(reads.conflicting).toEqual([at("a")]);
  });

  test("a folder that is a link and is turned in between", async () => {
    for (const name of ["x", "y"]) {
      fs.mkdirSync(at(name));
      fs.writeFileSync(at(`${name}/f`), name);
    }
    fs.symlinkSync(at("x"), at("l"));
    const reads = await observed((unseen) => {
      fs.readFileSync(at("l/f"), "utf8");
      unseen(() => {
        fs.unlinkSync(at("l"));
        fs.symlinkSync(at("y"), at("l"));
      });
      fs.readFileSync(at("l/f"), "utf8");
    });
    expect(reads.conflicting).toEqual([at("l/f")]);
  });
});

describe("a path is where it led when it was read", () => {
  test("from the working directory of that moment", async () => {
    fs.mkdirSync(at("sub"));
    fs.writeFileSync(at("sub/a"), "below");
    const reads = await observed(() => {
      process.chdir(folder);
      fs.readFileSync("a", "utf8");
      process.chdir(at("sub"));
      return fs.readFileSync("a", "utf8");
    });
    expect(digests(reads)).toEqual({ ...oneOnly, "sub/a": digestOf("below") });
  });

  test.each(["//a", "/./a", "/x/../a", "/a"])("written as %s", async (name) => {
    fs.mkdirSync(at("x"));
    expect(digests(await observed(() => fs.readFileSync(folder + name, "utf8")))).toEqual(oneOnly);
  });
});

describe("the step's own writes", () => {
  test("come after what it read before", async () => {
    const reads = await observed(() => {
      fs.readFileSync(at("a"), "utf8");
      fs.writeFileSync(at("a"), "mine");
      return fs.readFileSync(at("a"), "utf8");
    });
    const [only] = reads.noted;
    expect([digests(reads), only !== undefined && reads.isSealed(only)]).toEqual([oneOnly, true]);
    expect(reads.conflicting).toEqual([]);
  });

  const writes: readonly (readonly [name: string, write: () => void])[] = [
    ["replaces it", () => fs.writeFileSync(at("d/f"), "mine")],
    ["removes it", () => fs.unlinkSync(at("d/f"))],
    ["removes the folder around it", () => fs.rmSync(at("d"), { recursive: true })],
  ];
  test.each(writes)("a read that has not ended counts as it was before the step %s", async (_, write) => {
    fs.mkdirSync(at("d"));
    fs.writeFileSync(at("d/f"), "before");
    const reads = await observed(async () => {
      const reading = fs.promises.readFile(at("d/f"), "utf8").catch(() => "gone");
      write();
      await reading;
    });
    expect(digests(reads)["d/f"]).toBe(digestOf("before"));
    expect(reads.noted.filter((read) => read.path === at("d/f")).every((read) => reads.isSealed(read))).toBe(true);
  });
});

describe("a read by a promise or a callback", () => {
  test("that nobody waits for counts", async () => {
    let reading: Promise<unknown> = Promise.resolve();
    const reads = await observed(() => void (reading = fs.promises.readFile(at("a"), "utf8")));
    expect(reads.isEmpty).toBe(false);
    expect(Object.keys(digests(reads))).toEqual(["a"]);
    await reading;
    expect(digests(reads)).toEqual(oneOnly);
  });

  test("counts as it was asked for, whatever becomes of the options", async () => {
    fs.writeFileSync(at("a"), "\u00e9", "latin1");
    const reads = await observed(() => {
      const options: { encoding: BufferEncoding } = { encoding: "latin1" };
      const { promise, resolve } = Promise.withResolvers<void>();
      fs.readFile(at("a"), options, () => resolve());
      options.encoding = "utf8";
      return promise;
    });
    expect(digests(reads)).toEqual({ a: digestOf(Buffer.from([0xe9])) });
  });

  test("of what is not there is an answer", async () => {
    const byPromise = await observed(() => fs.promises.readFile(at("no"), "utf8").catch(() => ""));
    const byCallback = await observed(() => new Promise((done) => fs.readFile(at("no"), done)));
    expect([digests(byPromise), digests(byCallback)]).toEqual([{ no: absentDigest }, { no: absentDigest }]);
  });

  test("that was given up or refused counts all the same", async () => {
    const signal = AbortSignal.abort();
    const givenUp = await observed(() => fs.promises.readFile(at("a"), { signal }).catch(() => ""));
    expect(Object.keys(digests(givenUp))).toEqual(["a"]);
    const refused = await observed(() => {
      expect(() => fs.readFile(at("a"), { encoding: "none" as BufferEncoding }, () => undefined)).toThrow("encoding");
    });
    expect(Object.keys(digests(refused))).toEqual(["a"]);
  });
});

test("the same file any number of times is one read", async () => {
  const reads = await observed(() => {
    for (let index = 0; index <= MOST_READS; index++) fs.readFileSync(at("a"), "utf8");
  });
  expect([reads.isEmpty, reads.tooMany, digests(reads)]).toEqual([false, false, oneOnly]);
});
