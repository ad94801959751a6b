import { closeSync, lstatSync, renameSync, unlinkSync } from "node:fs";
import { join } from "node:path";
import { setImmediate as nextTurn } from "node:timers/promises";
import { isUint8Array } from "node:util/types";
import { digestOf } from "../../../encoding/digest.ts";
import type { Digest } from "../../../encoding/digest.ts";
import { ArtifactError } from "../../../errors.ts";
import type { BlobInfo } from "../../../model/blob.ts";
import { systemClock } from "../../../util/clock.ts";
import type { Clock } from "../../../util/clock.ts";
import { closedStore } from "../../artifact-failure.ts";
import type {
  ArtifactStore,
  ArtifactStoreLocation,
  ByteSource,
  CallOptions,
  Durability,
} from "../../artifact-store.ts";
import { attached, pump } from "../../byte-source.ts";
import { fileFailure, onFile } from "../../file-failure.ts";
import { errnoOf } from "../../../util/errno.ts";
import { stableFile } from "../../stable-file.ts";
import { writePrivateCopy } from "../../write-private-copy.ts";
import { digestBlob, openBlob, readBlob, streamBlob } from "./blob-reader.ts";
import type { OpenBlob } from "./blob-reader.ts";
import { BlobWriter, writeStaged } from "./blob-writer.ts";
import { hasBlobs } from "./has-blobs.ts";
import { listBlobs } from "./list-blobs.ts";
import { PendingSync } from "./pending-sync.ts";
import { placeBlob } from "./place-blob.ts";
import { removeLeftovers, stagingName } from "./staging-file.ts";
import { regularFile, StoreFolders } from "./store-folders.ts";

export interface LocalArtifactStoreOptions {
  /** Made when the first blob is put; it may be a link to a folder. */
  readonly folder: string;
  readonly durability: Durability;
  readonly clock?: Clock;
  /** How a file gets a second name; `linkSync` unless a test plays a file system that has no links. */
  readonly link?: (from: string, to: string) => void;
}

/** Up to here bytes in memory are digested and written in one go, without waiting for the thread pool. */
const smallBytes = 1024 * 1024;
const deletesPerTurn = 512;

/**
 * Opens the store in a folder of this machine: `objects-v1/ab/<62 hex>`, `staging/`, `damaged/`, `CACHEDIR.TAG`.
 * Any number of processes and threads may have it open at once.
 *
 * @throws ArtifactError WS_ARTIFACT_STORE when the folder is a file, or holds a store of a newer format.
 */
export function openLocalArtifactStore(options: LocalArtifactStoreOptions): ArtifactStore {
  const clock = options.clock ?? systemClock;
  const folders = new StoreFolders(options.folder);
  folders.checkFormat();
  removeLeftovers(folders.staging, clock.now());
  return new LocalArtifactStore(folders, clock, options);
}

class LocalArtifactStore implements ArtifactStore {
  readonly kind = "local";
  readonly location: ArtifactStoreLocation;
  readonly #folders: StoreFolders;
  readonly #clock: Clock;
  readonly #link: LocalArtifactStoreOptions["link"];
  readonly #pending: PendingSync | undefined;
  readonly #closing = new AbortController();
  readonly #running = new Set<Promise<unknown>>();

  constructor(folders: StoreFolders, clock: Clock, { durability, link }: LocalArtifactStoreOptions) {
    this.location = { kind: "local", folder: folders.root, durability };
    this.#folders = folders;
    this.#clock = clock;
    this.#link = link;
    this.#pending = durability === "power-loss" ? new PendingSync(folders) : undefined;
  }

  async put(source: ByteSource, options?: CallOptions): Promise<BlobInfo> {
    this.#check(options);
    if (isUint8Array(source) && source.byteLength <= smallBytes) return this.#putSmall(attached(source));
    return await this.#run(options, (signal) => this.#putStream(source, signal));
  }

  async putFile(path: string, options?: CallOptions): Promise<BlobInfo> {
    this.#check(options);
    return await this.#run(options, (signal) =>
      this.#putStream(stableFile(path, { clock: this.#clock, signal }), signal),
    );
  }

  async read(digest: Digest, options?: CallOptions): Promise<Uint8Array> {
    this.#check(options);
    return await this.#run(options, async (signal) => {
      const blob = this.#open(digest);
      try {
        return await readBlob(blob, signal);
      } finally {
        closeSync(blob.fd);
      }
    });
  }

  async *stream(digest: Digest, options?: CallOptions): AsyncGenerator<Uint8Array, void, undefined> {
    this.#check(options);
    yield* this.#stream(digest, this.#signal(options), false);
  }

  async copyTo(digest: Digest, path: string, options?: CallOptions): Promise<void> {
    this.#check(options);
    await this.#run(options, (signal) => writePrivateCopy(path, this.#stream(digest, signal, true)));
  }

  async has(blobs: readonly BlobInfo[], options?: CallOptions): Promise<readonly boolean[]> {
    this.#check(options);
    return await hasBlobs(this.#folders.objects, blobs, options?.signal);
  }

  async verify(digest: Digest, options?: CallOptions): Promise<"ok" | "missing" | "damaged"> {
    this.#check(options);
    return await this.#run(options, (signal) => this.#verify(digest, signal));
  }

  async delete(digests: readonly Digest[], options?: CallOptions): Promise<void> {
    this.#check(options);
    for (const [index, digest] of digests.entries()) {
      if (index % deletesPerTurn === deletesPerTurn - 1) await nextTurn();
      this.#check(options);
      const path = this.#folders.find(digest);
      if (path !== undefined && regularFile(path) !== undefined) removeBlob(path);
    }
  }

  async *list(options?: CallOptions): AsyncGenerator<BlobInfo, void, undefined> {
    this.#check(options);
    yield* listBlobs(this.#folders.objects, this.#signal(options));
  }

  async flush(options?: CallOptions): Promise<void> {
    this.#check(options);
    const pending = this.#pending;
    if (pending !== undefined) await this.#run(options, (signal) => pending.flush(signal));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#closing.abort(closedStore(this.#where));
    await Promise.allSettled(this.#running);
  }

  get #where(): string {
    return `the local artifact store at ${this.#folders.root}`;
  }

  #check(options: CallOptions | undefined): void {
    this.#closing.signal.throwIfAborted();
    options?.signal?.throwIfAborted();
  }

  /** Aborts with the caller's signal, and when the store is closed. */
  #signal(options: CallOptions | undefined): AbortSignal {
    const own = this.#closing.signal;
    return options?.signal === undefined ? own : AbortSignal.any([options.signal, own]);
  }

  /** Closing the store waits for what runs in here. */
  async #run<T>(options: CallOptions | undefined, call: (signal: AbortSignal) => Promise<T>): Promise<T> {
    const running = call(this.#signal(options));
    this.#running.add(running);
    try {
      return await running;
    } finally {
      this.#running.delete(running);
    }
  }

  #putSmall(source: Uint8Array): BlobInfo {
    // Another thread could change shared memory between the digest and the write.
    const bytes = source.buffer instanceof SharedArrayBuffer ? new Uint8Array(source) : source;
    const info = { digest: digestOf(bytes), size: bytes.byteLength };
    const target = this.#folders.make(info.digest);
    if (regularFile(target)?.size !== info.size) {
      const staged = join(this.#folders.makeStaging(), stagingName());
      writeStaged(staged, bytes);
      placeBlob({ staged, target, size: info.size, link: this.#link });
    }
    this.#pending?.add(info.digest);
    return info;
  }

  async #putStream(source: ByteSource, signal: AbortSignal): Promise<BlobInfo> {
    const writer = new BlobWriter(join(this.#folders.makeStaging(), stagingName()), signal);
    try {
      await pump(source, (chunk) => writer.add(chunk), signal);
      const info = await writer.finish();
      signal.throwIfAborted();
      const target = this.#folders.make(info.digest);
      placeBlob({ staged: writer.path, target, size: info.size, link: this.#link });
      this.#pending?.add(info.digest);
      return info;
    } catch (error) {
      await writer.discard();
      throw error;
    }
  }

  async *#stream(digest: Digest, signal: AbortSignal, passing: boolean): AsyncGenerator<Uint8Array, void, undefined> {
    const blob = this.#open(digest);
    try {
      yield* streamBlob(blob, signal, passing);
    } finally {
      closeSync(blob.fd);
    }
  }

  #open(digest: Digest): OpenBlob {
    return openBlob(digest, this.#folders.find(digest), this.#where);
  }

  async #verify(digest: Digest, signal: AbortSignal): Promise<"ok" | "missing" | "damaged"> {
    const blob = this.#openIfThere(digest);
    if (blob === undefined) return "missing";
    try {
      if ((await digestBlob(blob, signal)) === digest) return "ok";
    } finally {
      closeSync(blob.fd);
    }
    if (this.#moveAside(blob)) return "damaged";
    return await this.#verify(digest, signal);
  }

  #openIfThere(digest: Digest): OpenBlob | undefined {
    try {
      return this.#open(digest);
    } catch (error) {
      if (error instanceof ArtifactError && error.code === "WS_ARTIFACT_MISSING") return undefined;
      throw error;
    }
  }

  /** False when the name belongs to another file by now: someone healed the blob while it was read. */
  #moveAside({ digest, path, identity }: OpenBlob): boolean {
    const now = onFile("reading", path, () => lstatSync(path, { throwIfNoEntry: false }));
    if (now === undefined || `${now.dev}:${now.ino}` !== identity) return false;
    const aside = join(this.#folders.makeDamaged(), `${digest}-${stagingName()}`);
    onFile("writing", path, () => renameSync(path, aside));
    return true;
  }
}

function removeBlob(path: string): void {
  try {
    unlinkSync(path);
  } catch (error) {
    if (errnoOf(error) !== "ENOENT") throw fileFailure("writing", path, error);
  }
}
