import { readdirSync, readFileSync } from "node:fs";
import { gunzipSync } from "node:zlib";
import { describe, expect, test } from "vitest";
import { parseDigest } from "../../src/encoding/digest.ts";
import { structured } from "../../src/materializer/builtin/structured/structured.ts";
import type { StoredValue } from "../../src/model/artifact.ts";
import { goldenValues } from "./golden-values.ts";
import { loadContext, MemoryBlobs, saveContext } from "./memory-blobs.ts";
import { sameShape } from "./same-shape.ts";

interface Golden {
  readonly digest: string;
  readonly blobs: readonly {
    readonly digest: string;
    readonly size: number;
    readonly hex?: string;
    readonly gzip?: string;
  }[];
  readonly traits: readonly string[];
}

const folder = new URL("../fixtures/materializer/structured-v1/", import.meta.url);

function goldenOf(name: string): Golden {
  return JSON.parse(readFileSync(new URL(`${name}.json`, folder), "utf8")) as Golden;
}

/** Few bytes stand there in hexadecimal, many as gzip in base64. */
function bytesOf({ hex, gzip }: Golden["blobs"][number]): Uint8Array {
  return hex === undefined ? gunzipSync(Buffer.from(gzip ?? "", "base64")) : Buffer.from(hex, "hex");
}

describe("stored bytes of version 1", () => {
  test("are pinned for every golden value, and nothing else", () => {
    const names = readdirSync(folder).map((file) => file.replace(/\.json$/, ""));
    expect(names.sort()).toEqual([...goldenValues.keys()].sort());
  });

  test.each([...goldenValues])("of %s are written as ever", async (name, make) => {
    const { digest, blobs, traits } = await structured.save(make(), saveContext(new MemoryBlobs()));
    const golden = goldenOf(name);
    expect({ digest, traits }).toEqual({ digest: golden.digest, traits: golden.traits });
    expect(blobs).toEqual(golden.blobs.map((blob) => ({ digest: blob.digest, size: blob.size })));
  });

  test.each([...goldenValues])("of %s are read as ever", async (name, make) => {
    const golden = goldenOf(name);
    const store = new MemoryBlobs(100);
    for (const blob of golden.blobs) await store.put(bytesOf(blob));
    const stored: StoredValue = {
      type: { id: "structured", version: 1 },
      digest: parseDigest(golden.digest),
      blobs: [],
      size: 0,
      traits: [],
    };
    expect(sameShape(await structured.load(stored, loadContext(store)), make())).toBe(true);
  });
});
