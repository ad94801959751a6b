import { digestOf, digestOfDecoded } from "../encoding/digest.ts";
import type { Digest } from "../encoding/digest.ts";

/** Characters or bytes that are kept at most. */
const MOST_KEPT = 1 << 24;
const SMALL = 1 << 14;
const SLAB_BYTES = 1 << 20;

/**
 * What was handed out of whole small files, kept until it is digested: appending costs a step next to nothing, a digest
 * for each file a tenth of what reading it takes. A text cannot change; bytes can, so a copy of them is kept.
 */
export class HandedOut {
  #paths: string[] = [];
  #contents: (string | Uint8Array)[] = [];
  #kept = 0;
  #slab = Buffer.alloc(0);
  #used = 0;

  get size(): number {
    return this.#paths.length;
  }

  /** False where it is not kept and must be digested at once. */
  keep(path: string, content: string | Uint8Array): boolean {
    if (content.length > SMALL || this.#kept > MOST_KEPT) return false;
    this.#paths.push(path);
    this.#contents.push(typeof content === "string" ? content : this.#copyOf(content));
    this.#kept += content.length;
    return true;
  }

  /** Gives everything away, in the order in which it was read. */
  drain(tell: (path: string, digest: Digest) => void): void {
    if (this.#paths.length === 0) return;
    const [paths, contents] = [this.#paths, this.#contents];
    this.#paths = [];
    this.#contents = [];
    this.#kept = 0;
    this.#slab = Buffer.alloc(0);
    this.#used = 0;
    for (const [index, path] of paths.entries()) tell(path, digestOfContent(contents[index] ?? ""));
  }

  #copyOf(bytes: Uint8Array): Uint8Array {
    if (this.#used + bytes.length > this.#slab.length) {
      this.#slab = Buffer.allocUnsafeSlow(SLAB_BYTES);
      this.#used = 0;
    }
    const begin = this.#used;
    this.#slab.set(bytes, begin);
    this.#used += bytes.length;
    return this.#slab.subarray(begin, this.#used);
  }
}

function digestOfContent(content: string | Uint8Array): Digest {
  return (typeof content === "string" ? digestOfDecoded(content) : undefined) ?? digestOf(content);
}
