import assert from "node:assert/strict";
import { readdir, readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { ArtifactStore } from "../artifact-store/artifact-store.ts";
import { digestOf } from "../encoding/digest.ts";
import type { Digest } from "../encoding/digest.ts";
import {
  all,
  byDigest,
  collected,
  inFolder,
  infoOf,
  listed,
  patterned,
  pieces,
  plain,
  withCode,
} from "./artifact-store-samples.ts";
import type { SuiteApi } from "./suite-api.ts";

/** What the suite needs to know about a backend. Tests whose hook is absent are left out. */
export interface ArtifactStoreSubject {
  readonly name: string;
  /** A fresh, empty store. Every test opens its own and disposes of it. */
  readonly open: () => Promise<ArtifactStore>;
  /** Gives the stored blob other bytes of this number behind the store's back. */
  readonly damage?: (store: ArtifactStore, digest: Digest, size: number) => Promise<void>;
  /** Removes the stored blob behind the store's back. */
  readonly remove?: (store: ArtifactStore, digest: Digest) => Promise<void>;
  /** Names of whatever unfinished calls left behind. */
  readonly leftovers?: (store: ArtifactStore) => Promise<readonly string[]>;
}

/**
 * The contract of the port `ArtifactStore`, for whoever writes a backend.
 *
 * @example
 * ```ts
 * import { describe, test } from "vitest"; // or node:test
 * artifactStoreSuite({ describe, test }, { name: "mine", open: () => openMyStore(freshFolder()) });
 * ```
 */
export function artifactStoreSuite(api: SuiteApi, subject: ArtifactStoreSubject): void {
  api.describe(`${subject.name} artifact store`, () => {
    puttingTests(api, subject);
    failedPutTests(api, subject);
    readingTests(api, subject);
    copyingTests(api, subject);
    listingTests(api, subject);
    integrityTests(api, subject);
    closingTests(api, subject);
  });
}

const MiB = 1024 * 1024;
const absent = digestOf("these bytes were never put");

function puttingTests(api: SuiteApi, subject: ArtifactStoreSubject): void {
  const test = testWith(api, subject);
  for (const size of [0, 1, 16 * 1024, 256 * 1024, MiB + 1, 3 * MiB]) {
    test(`gives back ${size} bytes, put whole or in pieces`, async (store) => {
      const bytes = patterned(size);
      const expected = infoOf(bytes);
      assert.deepEqual(await store.put(bytes), expected);
      assert.deepEqual(await store.put(pieces(bytes, 70_001)), expected);
      assert.deepEqual(plain(await store.read(expected.digest)), bytes);
      assert.deepEqual(await collected(store.stream(expected.digest)), bytes);
    });
  }

  test("takes a source whose chunks are one buffer that it fills anew", async (store) => {
    const shared = new Uint8Array(100);
    async function* refilling(): AsyncGenerator<Uint8Array> {
      for (let round = 0; round < 5000; round++) yield shared.fill(round);
    }
    const { digest, size } = await store.put(refilling());
    assert.equal(size, 500_000);
    assert.equal(digestOf(await store.read(digest)), digest);
  });

  test("changes nothing when bytes are put again", async (store) => {
    const bytes = patterned(1000);
    const first = await store.put(bytes);
    assert.deepEqual(await store.put(bytes), first);
    assert.deepEqual(await store.put(pieces(bytes, 7)), first);
    assert.deepEqual(await listed(store), [first]);
  });

  test("lets many writers of one blob succeed at the same time", async (store) => {
    const bytes = patterned(2 * MiB + 5);
    const puts = Array.from({ length: 8 }, (_, writer) => store.put(writer % 2 === 0 ? bytes : pieces(bytes, 99_999)));
    assert.deepEqual(
      await Promise.all(puts),
      puts.map(() => infoOf(bytes)),
    );
    assert.deepEqual(await listed(store), [infoOf(bytes)]);
    assert.deepEqual(plain(await store.read(infoOf(bytes).digest)), bytes);
  });

  test("keeps what was put, whatever happens to the caller's array later", async (store) => {
    const bytes = patterned(5000);
    const { digest } = await store.put(bytes);
    bytes.fill(0);
    assert.deepEqual(plain(await store.read(digest)), patterned(5000));
  });

  test("describes what it stored when an array changes while it is put", async (store) => {
    const bytes = patterned(4 * MiB);
    const putting = store.put(bytes);
    bytes.fill(7);
    const { digest } = await putting;
    assert.equal(await store.verify(digest), "ok");
  });

  test("asks a source for no more than it can write", async (store) => {
    let unwritten = 0;
    async function* watched(): AsyncGenerator<Uint8Array> {
      for (let chunk = 0; chunk < 20; chunk++) {
        unwritten++;
        yield patterned(100_000);
        unwritten--;
        assert.equal(unwritten, 0);
      }
    }
    await store.put(watched());
  });

  test("stores a copy of a file", async (store) => {
    await inFolder(async (folder) => {
      for (const size of [0, 10, 600_000]) {
        await writeFile(join(folder, "file"), patterned(size));
        const info = await store.putFile(join(folder, "file"));
        assert.deepEqual(info, infoOf(patterned(size)));
        await rm(join(folder, "file"));
        assert.deepEqual(plain(await store.read(info.digest)), patterned(size));
      }
    });
  });

  test("flushes, with and without something to flush", async (store) => {
    await store.flush();
    const info = await store.put(patterned(10));
    await Promise.all([store.flush(), store.flush()]);
    assert.deepEqual(await store.has([info]), [true]);
  });
}

function failedPutTests(api: SuiteApi, subject: ArtifactStoreSubject): void {
  const test = testWith(api, subject);
  const leavesNothing = async (store: ArtifactStore): Promise<void> => {
    assert.deepEqual(await listed(store), []);
    assert.deepEqual((await subject.leftovers?.(store)) ?? [], []);
  };

  test("rejects with the signal's reason and leaves nothing when it aborts between chunks", async (store) => {
    const stop = new AbortController();
    async function* aborting(): AsyncGenerator<Uint8Array> {
      yield patterned(700_000);
      stop.abort(new Error("enough"));
      yield patterned(700_000);
    }
    await assert.rejects(store.put(aborting(), { signal: stop.signal }), /^Error: enough$/);
    await leavesNothing(store);
  });

  test("does not wait for a source that hangs when the signal aborts", async (store) => {
    const stop = new AbortController();
    async function* hanging(): AsyncGenerator<Uint8Array> {
      yield patterned(700_000);
      setTimeout(() => stop.abort(new Error("enough")), 5);
      await new Promise(() => undefined);
    }
    await assert.rejects(store.put(hanging(), { signal: stop.signal }), /^Error: enough$/);
    await leavesNothing(store);
  });

  test("passes on the error of a source and leaves nothing", async (store) => {
    const failure = Object.assign(new Error("the sensor broke"), { code: "ENOSPC" });
    async function* breaking(): AsyncGenerator<Uint8Array> {
      yield patterned(700_000);
      throw failure;
    }
    await assert.rejects(store.put(breaking()), (error) => error === failure);
    await leavesNothing(store);
  });

  test("refuses chunks that are not bytes, and lets the source clean up", async (store) => {
    let cleaned = false;
    async function* texts(): AsyncGenerator<Uint8Array> {
      try {
        yield "text" as unknown as Uint8Array;
      } finally {
        cleaned = true;
      }
    }
    await assert.rejects(store.put(texts()), withCode("WS_ARTIFACT_STORE"));
    assert.equal(cleaned, true);
    await leavesNothing(store);
  });

  test("refuses what is no source, and memory that was transferred away", async (store) => {
    await assert.rejects(store.put("text" as unknown as Uint8Array), withCode("WS_ARTIFACT_STORE"));
    for (const size of [10, 3 * MiB]) {
      const bytes = patterned(size);
      structuredClone(bytes.buffer, { transfer: [bytes.buffer as ArrayBuffer] });
      await assert.rejects(store.put(bytes), withCode("WS_ARTIFACT_STORE"));
      await assert.rejects(store.put(ReadableStream.from([bytes])), withCode("WS_ARTIFACT_STORE"));
    }
    await leavesNothing(store);
  });

  test("refuses a file that is missing or no regular file, and leaves nothing", async (store) => {
    await inFolder(async (folder) => {
      await assert.rejects(store.putFile(join(folder, "missing")), withCode("WS_ARTIFACT_STORE"));
      await assert.rejects(store.putFile(folder), withCode("WS_ARTIFACT_STORE"));
    });
    await leavesNothing(store);
  });

  test("does nothing at all when the signal aborted before", async (store) => {
    const signal = AbortSignal.abort(new Error("too late"));
    const info = infoOf(patterned(3));
    const rejected = async (call: Promise<unknown>): Promise<void> => await assert.rejects(call, /too late/);
    await rejected(store.put(patterned(3), { signal }));
    await rejected(store.putFile("/nowhere", { signal }));
    await rejected(store.read(info.digest, { signal }));
    await rejected(collected(store.stream(info.digest, { signal })));
    await rejected(store.copyTo(info.digest, "/nowhere/at-all", { signal }));
    await rejected(store.has([info], { signal }));
    await rejected(store.verify(info.digest, { signal }));
    await rejected(store.delete([info.digest], { signal }));
    await rejected(all(store.list({ signal })));
    await rejected(store.flush({ signal }));
    await leavesNothing(store);
  });
}

function readingTests(api: SuiteApi, subject: ArtifactStoreSubject): void {
  const test = testWith(api, subject);

  test("returns private copies: changing one changes neither the store nor another", async (store) => {
    const bytes = patterned(5000);
    const { digest } = await store.put(bytes);
    const copy = await store.read(digest);
    assert.equal(copy.buffer.byteLength, 5000, "the copy shares memory with something else");
    copy.fill(0);
    for await (const chunk of store.stream(digest)) chunk.fill(0);
    assert.deepEqual(plain(await store.read(digest)), bytes);
    assert.equal(await store.verify(digest), "ok");
  });

  test("streams chunks of at most 1 MiB, each its reader's to keep", async (store) => {
    const bytes = patterned(5 * MiB + 3);
    const { digest } = await store.put(bytes);
    const chunks = await all(store.stream(digest));
    assert.ok(chunks.every((chunk) => chunk.byteLength > 0 && chunk.byteLength <= MiB));
    assert.deepEqual(plain(Buffer.concat(chunks)), bytes);
  });

  test("ends a stream whose reader leaves early, or whose signal aborts", async (store) => {
    const { digest } = await store.put(patterned(4 * MiB));
    for await (const chunk of store.stream(digest)) {
      assert.ok(chunk.byteLength > 0);
      break;
    }
    const stop = new AbortController();
    const reading = async (): Promise<void> => {
      for await (const _chunk of store.stream(digest, { signal: stop.signal })) stop.abort(new Error("enough"));
    };
    await assert.rejects(reading(), /^Error: enough$/);
    assert.equal(await store.verify(digest), "ok");
  });

  test("says that bytes are missing", async (store) => {
    await assert.rejects(store.read(absent), withCode("WS_ARTIFACT_MISSING", { digest: absent }));
    await assert.rejects(collected(store.stream(absent)), withCode("WS_ARTIFACT_MISSING"));
    assert.equal(await store.verify(absent), "missing");
  });

  test("refuses a name that is no digest", async (store) => {
    for (const name of ["../../etc/passwd", "", "A".repeat(64), `${absent}0`]) {
      const digest = name as Digest;
      await assert.rejects(store.read(digest), withCode("WS_ARTIFACT_STORE"));
      await assert.rejects(store.delete([digest]), withCode("WS_ARTIFACT_STORE"));
      await assert.rejects(store.has([{ digest, size: 0 }]), withCode("WS_ARTIFACT_STORE"));
    }
  });
}

function copyingTests(api: SuiteApi, subject: ArtifactStoreSubject): void {
  const test = testWith(api, subject);

  test("copies to a path, and the copy is private", async (store) => {
    const bytes = patterned(MiB + 17);
    const { digest } = await store.put(bytes);
    await inFolder(async (folder) => {
      await store.copyTo(digest, join(folder, "copy"));
      assert.deepEqual(plain(await readFile(join(folder, "copy"))), bytes);
      await writeFile(join(folder, "copy"), "changed");
      assert.deepEqual(await readdir(folder), ["copy"]);
    });
    assert.equal(await store.verify(digest), "ok");
  });

  test("never overwrites: what is there stays, and stays alone", async (store) => {
    const { digest } = await store.put(patterned(10));
    await inFolder(async (folder) => {
      await writeFile(join(folder, "mine"), "mine");
      await assert.rejects(store.copyTo(digest, join(folder, "mine")), withCode("WS_ARTIFACT_STORE"));
      assert.equal(await readFile(join(folder, "mine"), "utf8"), "mine");
      assert.deepEqual(await readdir(folder), ["mine"]);
    });
  });

  test("lets one of two copies to the same path win", async (store) => {
    const [one, other] = [await store.put(patterned(10)), await store.put(patterned(11))];
    await inFolder(async (folder) => {
      const ends = await Promise.allSettled(
        [one, other].map(({ digest }) => store.copyTo(digest, join(folder, "copy"))),
      );
      assert.deepEqual(ends.map((end) => end.status).toSorted(), ["fulfilled", "rejected"]);
      assert.deepEqual(await readdir(folder), ["copy"]);
    });
  });

  test("leaves no file behind when it fails or is aborted", async (store) => {
    const { digest } = await store.put(patterned(4 * MiB));
    await inFolder(async (folder) => {
      await assert.rejects(store.copyTo(absent, join(folder, "copy")), withCode("WS_ARTIFACT_MISSING"));
      await assert.rejects(store.copyTo(digest, join(folder, "no", "copy")), withCode("WS_ARTIFACT_STORE"));
      const stop = new AbortController();
      const copying = store.copyTo(digest, join(folder, "copy"), { signal: stop.signal });
      stop.abort(new Error("enough"));
      await assert.rejects(copying, /^Error: enough$/);
      assert.deepEqual(await readdir(folder), []);
    });
  });
}

function listingTests(api: SuiteApi, subject: ArtifactStoreSubject): void {
  const test = testWith(api, subject);

  test("has: one answer per blob, by digest and size", async (store) => {
    const info = await store.put(patterned(100));
    const asked = [info, { digest: absent, size: 1 }, { ...info, size: 99 }, info];
    assert.deepEqual(await store.has(asked), [true, false, false, true]);
    assert.deepEqual(await store.has([]), []);
  });

  test("lists every blob once", async (store) => {
    assert.deepEqual(await listed(store), []);
    const infos = await Promise.all(Array.from({ length: 50 }, (_, size) => store.put(patterned(size))));
    assert.deepEqual(await listed(store), infos.toSorted(byDigest));
  });

  test("deletes what is there, and succeeds where nothing is", async (store) => {
    const [gone, kept] = [await store.put(patterned(10)), await store.put(patterned(20))];
    await store.delete([gone.digest, absent]);
    await store.delete([gone.digest]);
    assert.deepEqual(await listed(store), [kept]);
    await assert.rejects(store.read(gone.digest), withCode("WS_ARTIFACT_MISSING"));
    assert.deepEqual(await store.put(patterned(10)), gone);
    assert.deepEqual(await store.has([gone, kept]), [true, true]);
  });
}

function integrityTests(api: SuiteApi, subject: ArtifactStoreSubject): void {
  const test = testWith(api, subject);
  const { damage, remove } = subject;

  if (damage !== undefined) {
    for (const size of [0, 1, 1000, 3 * MiB]) {
      test(`finds damage in a blob that should have ${size} bytes`, async (store) => {
        const { digest } = await store.put(patterned(size));
        await damage(store, digest, size === 0 ? 1 : size);
        const damaged = withCode("WS_ARTIFACT_DAMAGED", { digest, expected: digest });
        await assert.rejects(store.read(digest), damaged);
        await assert.rejects(collected(store.stream(digest)), damaged);
        await inFolder(async (folder) => {
          await assert.rejects(store.copyTo(digest, join(folder, "copy")), damaged);
          assert.deepEqual(await readdir(folder), []);
        });
      });
    }

    test("verify moves a damaged blob out of the way, so that it can be stored again", async (store) => {
      const info = await store.put(patterned(1000));
      await damage(store, info.digest, 1000);
      assert.equal(await store.verify(info.digest), "damaged");
      assert.equal(await store.verify(info.digest), "missing");
      assert.deepEqual(await store.has([info]), [false]);
      assert.deepEqual(await listed(store), []);
      await store.put(patterned(1000));
      assert.equal(await store.verify(info.digest), "ok");
      assert.deepEqual(plain(await store.read(info.digest)), patterned(1000));
    });

    for (const wrong of [0, 999, 1001]) {
      test(`put replaces a blob that has ${wrong} bytes in place of 1000`, async (store) => {
        const bytes = patterned(1000);
        const info = await store.put(bytes);
        await damage(store, info.digest, wrong);
        assert.deepEqual(await store.has([info]), [false]);
        await store.put(bytes);
        assert.deepEqual(plain(await store.read(info.digest)), bytes);
        await damage(store, info.digest, wrong);
        await store.put(pieces(bytes, 10));
        assert.deepEqual(plain(await store.read(info.digest)), bytes);
      });
    }
  }

  if (remove !== undefined) {
    test("notices that a blob was removed, and stores it again", async (store) => {
      const info = await store.put(patterned(1000));
      await remove(store, info.digest);
      assert.deepEqual(await store.has([info]), [false]);
      await assert.rejects(store.read(info.digest), withCode("WS_ARTIFACT_MISSING"));
      assert.equal(await store.verify(info.digest), "missing");
      await store.delete([info.digest]);
      await store.put(patterned(1000));
      assert.deepEqual(plain(await store.read(info.digest)), patterned(1000));
    });
  }
}

function closingTests(api: SuiteApi, subject: ArtifactStoreSubject): void {
  const test = testWith(api, subject);

  test("rejects every call once it is closed; closing twice is a success", async (store) => {
    const info = await store.put(patterned(10));
    await store[Symbol.asyncDispose]();
    await store[Symbol.asyncDispose]();
    const closed = withCode("WS_ARTIFACT_STORE");
    await assert.rejects(store.put(patterned(10)), closed);
    await assert.rejects(store.putFile("/nowhere"), closed);
    await assert.rejects(store.read(info.digest), closed);
    await assert.rejects(collected(store.stream(info.digest)), closed);
    await assert.rejects(store.copyTo(info.digest, "/nowhere/at-all"), closed);
    await assert.rejects(store.has([info]), closed);
    await assert.rejects(store.verify(info.digest), closed);
    await assert.rejects(store.delete([info.digest]), closed);
    await assert.rejects(all(store.list()), closed);
    await assert.rejects(store.flush(), closed);
  });

  test("closing ends a put that waits for its source", async (store) => {
    async function* hanging(): AsyncGenerator<Uint8Array> {
      yield patterned(10);
      await new Promise(() => undefined);
    }
    const putting = assert.rejects(store.put(hanging()), withCode("WS_ARTIFACT_STORE"));
    await store[Symbol.asyncDispose]();
    await putting;
    assert.deepEqual((await subject.leftovers?.(store)) ?? [], []);
  });

  api.test("opens where nothing was put yet, and closes without a trace", async () => {
    const store = await subject.open();
    assert.deepEqual(await listed(store), []);
    assert.deepEqual(await store.has([{ digest: absent, size: 1 }]), [false]);
    await store.delete([absent]);
    await store[Symbol.asyncDispose]();
  });
}

type StoreTest = (name: string, body: (store: ArtifactStore) => Promise<void>) => void;

function testWith(api: SuiteApi, subject: ArtifactStoreSubject): StoreTest {
  return (name, body) =>
    api.test(name, async () => {
      await using store = await subject.open();
      await body(store);
    });
}
