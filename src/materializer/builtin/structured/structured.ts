import { swapOnBigEndian } from "../../../encoding/binary-value.ts";
import { parseDigest } from "../../../encoding/digest.ts";
import { previewValue } from "../../../encoding/preview.ts";
import type { StoredValue } from "../../../model/artifact.ts";
import type { BlobInfo } from "../../../model/blob.ts";
import { badStoredValue, checkFormat } from "../../bad-stored-value.ts";
import { byteLines } from "../../byte-lines.ts";
import { ForbiddenText, forbiddenPathFound } from "../../forbidden-text.ts";
import type { BlobReader, LoadContext, Materializer, SaveContext } from "../../materializer.ts";
import { notStorable } from "../../not-storable.ts";
import { StructuredDecoder } from "./structured-decoder.ts";
import { StructuredEncoder } from "./structured-encoder.ts";
import { INLINE_BODY, STRUCTURED_FORMAT, STRUCTURED_VERSION } from "./structured-format.ts";
import type { StructuredHeader } from "./structured-format.ts";
import type { SidecarToFill } from "./value-reviver.ts";

/** Bytes that are collected before a store gets them. */
const CHUNK = 128 * 1024;
const SHOWN = 200;

const type = Object.freeze({ id: "structured", version: STRUCTURED_VERSION });

/**
 * Data: whatever is made of primitives, arrays, plain objects, Map, Set, Date, URL and binary values, with shared
 * references and cycles. It takes every value, and refuses on `save` what would not come back exactly.
 *
 * Not stored, and so not there again: that two views show one buffer, that an object is frozen, and a named property put
 * on a binary value.
 */
export const structured: Materializer = Object.freeze({
  type,
  accepts: (_value: unknown): _value is unknown => true,
  save: (value: unknown, context: SaveContext) => new StructuredSaver(value, context).save(),
  load,
});

class StructuredSaver {
  readonly #value: unknown;
  readonly #context: SaveContext;
  readonly #encoder = new StructuredEncoder();
  readonly #forbidden: ForbiddenText;
  readonly #sidecars = new Map<string, BlobInfo>();

  constructor(value: unknown, context: SaveContext) {
    this.#value = value;
    this.#context = context;
    this.#forbidden = new ForbiddenText(context.forbiddenPaths);
  }

  async save(): Promise<StoredValue> {
    const chunks = this.#chunks();
    const first: Uint8Array[] = [];
    let size = 0;
    let next = await chunks.next();
    for (; !next.done && size <= INLINE_BODY; next = await chunks.next()) {
      first.push(next.value);
      size += next.value.byteLength;
    }
    if (next.done && size <= INLINE_BODY) return await this.#finish(undefined, first);
    const rest = next.done ? [] : [next.value];
    return await this.#finish(await this.#context.blobs.put(joined([...first, ...rest], chunks)), []);
  }

  async #finish(body: BlobInfo | undefined, inline: readonly Uint8Array[]): Promise<StoredValue> {
    const sidecars = [...this.#sidecars.values()];
    const { references, hasDate } = this.#encoder;
    const header: StructuredHeader = {
      format: STRUCTURED_FORMAT,
      version: STRUCTURED_VERSION,
      ...(body === undefined ? {} : { body: { digest: body.digest, size: body.size } }),
      ...(sidecars.length === 0 ? {} : { sidecars: sidecars.map(({ digest, size }) => ({ digest, size })) }),
      ...(references.length === 0 ? {} : { references }),
    };
    const root = await this.#context.blobs.put(Buffer.concat([Buffer.from(`${JSON.stringify(header)}\n`), ...inline]));
    const blobs = withoutRepeats([root, ...(body === undefined ? [] : [body]), ...sidecars]);
    return {
      type,
      digest: root.digest,
      blobs,
      size: blobs.reduce((sum, blob) => sum + blob.size, 0),
      traits: hasDate ? ["date"] : [],
      shown: previewValue(this.#value, SHOWN),
    };
  }

  async *#chunks(): AsyncGenerator<Uint8Array, void, undefined> {
    let text = "";
    for (const line of this.#encoder.lines(this.#value)) {
      this.#refuseForbidden(line);
      await this.#putSidecars();
      text += `${line}\n`;
      if (text.length < CHUNK) continue;
      yield Buffer.from(text);
      text = "";
    }
    this.#refuseForbiddenLongText();
    if (text !== "") yield Buffer.from(text);
  }

  #refuseForbidden(line: string): void {
    if (!this.#forbidden.mayBeInJson(line)) return;
    const refusal = this.#forbidden.refusalOf(this.#value);
    if (refusal !== undefined) throw refusal;
  }

  /** A long text is written in pieces, and a path may lie across two of them. */
  #refuseForbiddenLongText(): void {
    for (const { text, steps } of this.#encoder.longTexts) {
      if (this.#forbidden.inText(text) !== undefined) throw forbiddenPathFound(steps);
    }
  }

  async #putSidecars(): Promise<void> {
    for (const [digest, bytes] of this.#encoder.takeSidecars()) {
      if (this.#sidecars.has(digest)) continue;
      const stored = await this.#context.blobs.put(bytes);
      if (stored.digest !== digest) throw changedMeanwhile();
      this.#sidecars.set(digest, stored);
    }
  }
}

async function load(stored: StoredValue, { blobs }: LoadContext): Promise<unknown> {
  const lines = byteLines(blobs.stream(stored.digest));
  const first = await lines.next();
  const header = parseHeader(first.done ? "" : first.value);
  const decoder = new StructuredDecoder(header.references ?? []);
  await decode(lines, decoder, blobs);
  if (header.body !== undefined) {
    await decode(byteLines(blobs.stream(parseDigest(header.body.digest))), decoder, blobs);
  }
  return decoder.finish();
}

async function decode(lines: AsyncIterable<string>, decoder: StructuredDecoder, blobs: BlobReader): Promise<void> {
  for await (const line of lines) {
    decoder.line(line);
    for (const waiting of decoder.takeUnfilled()) await fill(waiting, blobs);
  }
}

async function fill({ digest, bytes, width }: SidecarToFill, blobs: BlobReader): Promise<void> {
  let at = 0;
  for await (const chunk of blobs.stream(digest)) {
    if (at + chunk.byteLength > bytes.byteLength) throw badStoredValue(type.id, "a binary part is too long");
    bytes.set(chunk, at);
    at += chunk.byteLength;
  }
  if (at !== bytes.byteLength) throw badStoredValue(type.id, "a binary part is too short");
  swapOnBigEndian(bytes, width);
}

function parseHeader(line: string): StructuredHeader {
  let header: Partial<StructuredHeader> | null;
  try {
    header = JSON.parse(line) as Partial<StructuredHeader> | null;
  } catch (cause) {
    throw badStoredValue(type.id, "its first line is no header", cause);
  }
  checkFormat(type.id, header ?? {}, { format: STRUCTURED_FORMAT, version: STRUCTURED_VERSION });
  return header as StructuredHeader;
}

async function* joined(
  first: readonly Uint8Array[],
  rest: AsyncIterable<Uint8Array>,
): AsyncGenerator<Uint8Array, void, undefined> {
  yield* first;
  yield* rest;
}

function withoutRepeats(blobs: readonly BlobInfo[]): readonly BlobInfo[] {
  return [...new Map(blobs.map(({ digest, size }) => [digest, { digest, size }])).values()];
}

function changedMeanwhile(): Error {
  return notStorable([], {
    found: "data that changed while it was stored",
    hint: "Return a value that nothing writes to any more: await what the step started.",
  });
}
