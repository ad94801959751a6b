import type { Digest } from "../encoding/digest.ts";
import { bytesAt, idOf } from "./noted-read.ts";
import type { NotedRead } from "./noted-read.ts";

/**
 * What a thread noted, each thing once. A step may read thousands of files as wholes: of these nothing is kept but
 * path and digest, which the read itself has to pay for.
 */
export class NotedReads {
  readonly #noted = new Map<string, NotedRead>();
  /** Files of which bytes that were handed out are all that was seen. Never in both. */
  readonly #handedOut = new Map<string, Digest>();

  get size(): number {
    return this.#noted.size + this.#handedOut.size;
  }

  /** In the order of nothing in particular. */
  *all(): Generator<NotedRead> {
    yield* this.#noted.values();
    for (const [path, digest] of this.#handedOut) yield bytesAt(path, digest);
  }

  /** What is known of a file, or of what was found in its place. */
  file(path: string): NotedRead | undefined {
    const digest = this.#handedOut.get(path);
    if (digest !== undefined) return bytesAt(path, digest);
    return this.#noted.size === 0 ? undefined : this.#noted.get(`file:${path}`);
  }

  /** By `idOf`; of a file `file` says it. */
  get(id: string): NotedRead | undefined {
    return this.#noted.get(id);
  }

  /** In place of what was known of it. */
  set(read: NotedRead): void {
    const id = idOf(read);
    if (id.startsWith("file:")) this.#handedOut.delete(read.path);
    this.#noted.set(id, read);
  }

  /** Of this file nothing else may be known. */
  handedOut(path: string, digest: Digest): void {
    this.#handedOut.set(path, digest);
  }

  /** The digest of the bytes that were handed out, where these are all that was seen of a file. */
  digestOf(path: string): Digest | undefined {
    return this.#handedOut.get(path);
  }
}
