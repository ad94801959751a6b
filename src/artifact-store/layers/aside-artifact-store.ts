import type { Digest } from "../../encoding/digest.ts";
import { ArtifactError } from "../../errors.ts";
import type { BlobInfo } from "../../model/blob.ts";
import type { ArtifactStore, ArtifactStoreLocation, ByteSource, CallOptions } from "../artifact-store.ts";

export interface AsideArtifactStoreInit {
  /** Only read, and left as it is: what is damaged there is not even moved. */
  readonly base: ArtifactStore;
  /** Takes everything that is put. Disposed of with this store; its bytes are the caller's to remove. */
  readonly scratch: ArtifactStore;
  /** Whether the base is disposed of with this store. */
  readonly ownsBase: boolean;
}

/**
 * A store in which steps can be run without a trace in the real one: reads see both, writes go to the scratch alone. The
 * base is read first, so that what is damaged there is told whatever was put meanwhile.
 */
export function openAsideArtifactStore(init: AsideArtifactStoreInit): ArtifactStore {
  return new AsideArtifactStore(init);
}

class AsideArtifactStore implements ArtifactStore {
  readonly kind = "aside";
  readonly #base: ArtifactStore;
  readonly #scratch: ArtifactStore;
  readonly #ownsBase: boolean;

  constructor({ base, scratch, ownsBase }: AsideArtifactStoreInit) {
    this.#base = base;
    this.#scratch = scratch;
    this.#ownsBase = ownsBase;
  }

  get location(): ArtifactStoreLocation | undefined {
    const [base, scratch] = [this.#base.location, this.#scratch.location];
    return base?.kind === "local" && scratch?.kind === "local" ? { ...scratch, kind: "aside", base } : undefined;
  }

  put(source: ByteSource, options?: CallOptions): Promise<BlobInfo> {
    return this.#scratch.put(source, options);
  }

  putFile(path: string, options?: CallOptions): Promise<BlobInfo> {
    return this.#scratch.putFile(path, options);
  }

  read(digest: Digest, options?: CallOptions): Promise<Uint8Array> {
    return this.#first((store) => store.read(digest, options));
  }

  async *stream(digest: Digest, options?: CallOptions): AsyncGenerator<Uint8Array, void, undefined> {
    const chunks = this.#base.stream(digest, options)[Symbol.asyncIterator]();
    try {
      let next = await chunks.next().catch(missingOrThrow);
      if (next === undefined) yield* this.#scratch.stream(digest, options);
      for (; next !== undefined && next.done !== true; next = await chunks.next()) yield next.value;
    } finally {
      await chunks.return?.();
    }
  }

  copyTo(digest: Digest, path: string, options?: CallOptions): Promise<void> {
    return this.#first((store) => store.copyTo(digest, path, options));
  }

  async has(blobs: readonly BlobInfo[], options?: CallOptions): Promise<readonly boolean[]> {
    const inScratch = await this.#scratch.has(blobs, options);
    const inBase = await this.#base.has(blobs, options);
    return inScratch.map((there, index) => there || inBase[index] === true);
  }

  async verify(digest: Digest, options?: CallOptions): Promise<"ok" | "missing" | "damaged"> {
    const found = await verified(this.#base, digest, options);
    return found === "missing" ? await this.#scratch.verify(digest, options) : found;
  }

  delete(digests: readonly Digest[], options?: CallOptions): Promise<void> {
    return this.#scratch.delete(digests, options);
  }

  async *list(options?: CallOptions): AsyncGenerator<BlobInfo, void, undefined> {
    const seen = new Set<Digest>();
    for (const store of [this.#scratch, this.#base]) {
      for await (const blob of store.list(options)) {
        if (!seen.has(blob.digest)) yield blob;
        seen.add(blob.digest);
      }
    }
  }

  flush(options?: CallOptions): Promise<void> {
    return this.#scratch.flush(options);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#scratch[Symbol.asyncDispose]();
    if (this.#ownsBase) await this.#base[Symbol.asyncDispose]();
  }

  async #first<T>(ask: (store: ArtifactStore) => Promise<T>): Promise<T> {
    const found = await ask(this.#base).then((value) => ({ value }), missingOrThrow);
    return found === undefined ? await ask(this.#scratch) : found.value;
  }
}

function missingOrThrow(error: unknown): undefined {
  if (error instanceof ArtifactError && error.code === "WS_ARTIFACT_MISSING") return undefined;
  throw error;
}

/** What `verify` would answer, without its moving of what is damaged. */
async function verified(
  store: ArtifactStore,
  digest: Digest,
  options: CallOptions | undefined,
): Promise<"ok" | "missing" | "damaged"> {
  try {
    for await (const _ of store.stream(digest, options)) continue;
    return "ok";
  } catch (error) {
    if (!(error instanceof ArtifactError)) throw error;
    if (error.code === "WS_ARTIFACT_MISSING") return "missing";
    if (error.code === "WS_ARTIFACT_DAMAGED") return "damaged";
    throw error;
  }
}
