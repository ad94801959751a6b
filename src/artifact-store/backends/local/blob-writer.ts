import { closeSync, constants, openSync, rmSync, writeSync } from "node:fs";
import { createDigester } from "../../../encoding/digest.ts";
import type { Digester } from "../../../encoding/digest.ts";
import type { BlobInfo } from "../../../model/blob.ts";
import { unhurried } from "../../abortable.ts";
import { chunkBytes, privateBuffer } from "../../file-chunks.ts";
import { fileFailure, onFile } from "../../file-failure.ts";
import { writeAll } from "../../write-private-copy.ts";

/** Nobody writes to a stored blob again. The mode binds later openings, not the one that creates the file. */
const blobMode = 0o444;
const createNew = constants.O_WRONLY | constants.O_CREAT | constants.O_EXCL | (constants.O_NOFOLLOW ?? 0);

/**
 * Writes a staging file and digests exactly what it writes: bytes are first copied into memory of its own, where no
 * one can change them between the two. One buffer fills while the other is written, so memory is two chunks.
 */
export class BlobWriter {
  readonly path: string;
  readonly #fd: number;
  readonly #digester: Digester = createDigester();
  readonly #signal: AbortSignal | undefined;
  #filling: Uint8Array = privateBuffer(chunkBytes);
  #spare: Uint8Array = privateBuffer(chunkBytes);
  #used = 0;
  #size = 0;
  #writing: Promise<void> = Promise.resolve();
  #open = true;

  constructor(path: string, signal: AbortSignal | undefined) {
    this.path = path;
    this.#signal = signal;
    this.#fd = onFile("writing", path, () => openSync(path, createNew, blobMode));
  }

  async add(chunk: Uint8Array): Promise<void> {
    for (let at = 0; at < chunk.byteLength; ) {
      const part = chunk.subarray(at, at + chunkBytes - this.#used);
      this.#filling.set(part, this.#used);
      this.#used += part.byteLength;
      at += part.byteLength;
      if (this.#used === chunkBytes) await this.#drain();
    }
  }

  /** The file is whole and closed. */
  async finish(): Promise<BlobInfo> {
    await this.#drain();
    await this.#writing;
    this.#close();
    return { digest: this.#digester.digest(), size: this.#size };
  }

  /** Closes and removes the file, at whatever point the writing stands. */
  async discard(): Promise<void> {
    await this.#writing.then(undefined, () => undefined);
    try {
      if (this.#open) this.#close();
    } finally {
      rmSync(this.path, { force: true });
    }
  }

  async #drain(): Promise<void> {
    this.#signal?.throwIfAborted();
    const full = this.#filling.subarray(0, this.#used);
    this.#digester.update(full);
    this.#size += this.#used;
    await this.#writing;
    this.#writing = unhurried(writeAll(this.#fd, full, this.path));
    [this.#filling, this.#spare] = [this.#spare, this.#filling];
    this.#used = 0;
  }

  #close(): void {
    this.#open = false;
    onFile("writing", this.path, () => closeSync(this.#fd));
  }
}

/** Writes a small staging file in one go; it is removed when that fails. */
export function writeStaged(path: string, bytes: Uint8Array): void {
  const fd = onFile("writing", path, () => openSync(path, createNew, blobMode));
  try {
    try {
      for (let at = 0; at < bytes.byteLength; ) at += writeSync(fd, bytes, at, bytes.byteLength - at);
    } finally {
      closeSync(fd);
    }
  } catch (error) {
    rmSync(path, { force: true });
    throw fileFailure("writing", path, error);
  }
}
