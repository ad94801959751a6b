import { join } from "node:path";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { ArtifactStore } from "../../src/artifact-store/artifact-store.ts";
import { openLocalArtifactStore } from "../../src/artifact-store/backends/local/local-artifact-store.ts";
import { openMemoryArtifactStore } from "../../src/artifact-store/backends/memory/memory-artifact-store.ts";
import { digestOf } from "../../src/encoding/digest.ts";
import type { Digest } from "../../src/encoding/digest.ts";
import { temporaryFolder } from "./temporary-folder.ts";

type Act = { readonly kind: "put" | "stream" | "delete" | "verify" | "read"; readonly seed: number };

const acts: fc.Arbitrary<Act[]> = fc.array(
  fc.record({
    kind: fc.constantFrom<Act["kind"][]>("put", "put", "stream", "delete", "verify", "read"),
    seed: fc.integer({ min: 0, max: 12 }),
  }),
  { maxLength: 60 },
);

const contentOf = (seed: number): Uint8Array => new Uint8Array(seed * seed * 50).fill(seed);

async function* inPieces(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < bytes.byteLength; at += 333) yield bytes.subarray(at, at + 333);
}

async function apply(store: ArtifactStore, model: Map<Digest, Uint8Array>, { kind, seed }: Act): Promise<void> {
  const bytes = contentOf(seed);
  const digest = digestOf(bytes);
  if (kind === "put" || kind === "stream") {
    const source = kind === "put" ? bytes : inPieces(bytes);
    expect(await store.put(source)).toEqual({ digest, size: bytes.byteLength });
    model.set(digest, bytes);
  } else if (kind === "delete") {
    await store.delete([digest]);
    model.delete(digest);
  } else if (kind === "verify") {
    expect(await store.verify(digest)).toBe(model.has(digest) ? "ok" : "missing");
  } else if (model.has(digest)) {
    expect(await store.read(digest)).toEqual(bytes);
  } else {
    await expect(store.read(digest)).rejects.toMatchObject({ code: "WS_ARTIFACT_MISSING" });
  }
}

async function agrees(store: ArtifactStore, script: readonly Act[]): Promise<void> {
  await using opened = store;
  const model = new Map<Digest, Uint8Array>();
  for (const act of script) await apply(opened, model, act);
  const expected = [...model].map(([digest, bytes]) => ({ digest, size: bytes.byteLength }));
  const listed = await Array.fromAsync(opened.list());
  expect(new Set(listed)).toEqual(new Set(expected));
  expect(await opened.has(expected)).toEqual(expected.map(() => true));
}

describe("any sequence of calls agrees with a map", () => {
  test("in memory", async () => {
    await fc.assert(fc.asyncProperty(acts, (script) => agrees(openMemoryArtifactStore(), script)));
  });

  test("in a local folder", async () => {
    const open = (): ArtifactStore =>
      openLocalArtifactStore({ folder: join(temporaryFolder(), "store"), durability: "process-crash" });
    await fc.assert(
      fc.asyncProperty(acts, (script) => agrees(open(), script)),
      { numRuns: 40 },
    );
  });
});
