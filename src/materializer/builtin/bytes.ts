import type { ArtifactType } from "../../model/artifact.ts";
import type { Materializer } from "../materializer.ts";
import { binaryContentOf } from "./structured/binary-content.ts";
import { formatBytes, storedForm } from "./stored-form.ts";

/** A `Uint8Array`: its only blob holds just its bytes. */
export const bytes: Materializer<Uint8Array> = rawBytes("bytes", "Uint8Array", (stored) => stored);

/** A `Buffer` of Node, kept apart so that it comes back as one. */
export const buffer: Materializer<Uint8Array> = rawBytes("buffer", "Buffer", (stored) =>
  Buffer.from(stored.buffer, stored.byteOffset, stored.byteLength),
);

function rawBytes(id: string, name: string, dress: (stored: Uint8Array) => Uint8Array): Materializer<Uint8Array> {
  const type: ArtifactType = Object.freeze({ id, version: 1 });
  return Object.freeze<Materializer<Uint8Array>>({
    type,
    accepts: (value): value is Uint8Array => isPlain(value, name),
    async save(value, { blobs }) {
      const root = await blobs.put(value);
      return storedForm(type, root, [], { shown: `<${name}, ${formatBytes(value.byteLength)}>` });
    },
    load: async (stored, { blobs }) => dress(await blobs.read(stored.digest)),
  });
}

function isPlain(value: unknown, name: string): boolean {
  if (!ArrayBuffer.isView(value)) return false;
  const content = binaryContentOf(value, Object.getPrototypeOf(value) as object);
  return typeof content === "object" && content.name === name && Object.getOwnPropertySymbols(value).length === 0;
}
