import path from "node:path";
import { digestOf, digestOfDecoded } from "../encoding/digest.ts";
import type { Digest } from "../encoding/digest.ts";
import {
  absentAt,
  askedAt,
  bytesAt,
  isUnchanged,
  linkAt,
  listingAt,
  presenceAt,
  stateAt,
  unknowableAt,
} from "./noted-read.ts";
import type { NotedRead } from "./noted-read.ts";
import type { ObservedWrite } from "./observed-write.ts";
import { OwnWrites } from "./own-writes.ts";
import { bytesNow, entriesOf, realPlaceOf, stateOf } from "./path-state.ts";
import type { ObservedRead, ReadKind } from "./read-judges.ts";

/** Beyond it nothing more is noted: the result is not offered. */
export const MOST_READS = 25_000;

/** A file that is read again is digested again up to this size, to see whether the step saw it change. */
const AGAIN_BYTES = 1 << 20;
/** A larger file that is read and then written to is not digested in between. */
const BEFORE_WRITE_BYTES = 1 << 26;

const devices = ["/proc", "/sys", "/dev"].map((folder) => folder + path.sep);
/** Files like any others, and what is typed or handed in. */
const counted = ["/dev/shm/", "/dev/stdin"];

/**
 * The paths that a thread reads, from its first module on. A path counts as it was when it was read first; what this
 * thread itself made before it read it counts for nothing.
 */
export class ThreadReads {
  readonly #noted = new Map<string, NotedRead>();
  readonly #known = new Set<string>();
  readonly #own = new OwnWrites();
  /** What was digested before this thread wrote to it. */
  readonly #sealed = new Set<string>();
  /** What was seen as one thing and then as another. */
  readonly #conflicting = new Set<string>();

  get noted(): readonly NotedRead[] {
    return [...this.#noted.values()];
  }

  /** Whether nothing was read that counts, nor seen to change. */
  get isEmpty(): boolean {
    return this.#noted.size === 0 && this.#conflicting.size === 0;
  }

  whole(): this {
    return this;
  }

  get tooMany(): boolean {
    return this.#noted.size > MOST_READS;
  }

  /** Absolute paths that changed while the step looked at them, and files of its own that somebody else wrote to. */
  get conflicting(): readonly string[] {
    return [...this.#conflicting];
  }

  /** Whether this thread put something there, be it by adding to what was there. */
  wrote(file: string): boolean {
    return this.#own.wrote(file);
  }

  get appends(): boolean {
    return this.#own.appends;
  }

  /** Whether it was read before this thread wrote to it, and is known as it was then. */
  isSealed(read: NotedRead): boolean {
    return this.#sealed.has(idOf(read));
  }

  /** Must be told before the write is done. */
  write(write: ObservedWrite): void {
    if (!this.#own.wrote(write.path)) this.#seal(write.path);
    if (write.kind === "removed" && stateOf(write.path).kind === "folder") {
      const inside = write.path + path.sep;
      for (const { path: file } of this.#noted.values()) if (file.startsWith(inside)) this.#seal(file);
    }
    this.#own.write(write);
  }

  /** Told once a file was written as a whole. */
  left(file: string): void {
    this.#own.left(file);
  }

  /** A file or folder that was not there before. */
  made(file: string): void {
    this.#own.made(file);
  }

  /** Must be told before the read is done. */
  read(read: ObservedRead): void {
    const file = this.#own.behindLinks(read.path);
    const id = `${read.kind}:${file}`;
    if (this.#known.has(id)) {
      if (read.kind === "presence") this.#askedAgain(file);
      return;
    }
    if (this.#isNoRead(file)) return;
    this.#known.add(id);
    if (file.includes("\ufffd")) this.#noted.set(`unknowable:${file}`, unknowableAt(file));
    else this.#note(read.kind, file);
  }

  /** A whole file was read at once, and this is what was handed out. */
  sawAtOnce(asked: string, handedOut: unknown, encoding: unknown): void {
    const file = this.#own.behindLinks(asked);
    if (this.#isNoRead(file)) return;
    const known = this.#noted.get(`file:${file}`);
    if (file.includes("\ufffd")) return this.read({ path: asked, kind: "content" });
    if (known?.mark === "" && lengthOf(handedOut) > AGAIN_BYTES) return this.#again(file);
    const digest = digestOfHandedOut(file, handedOut, encoding);
    if (digest === undefined) this.#conflicting.add(file);
    else if (known === undefined) this.#noted.set(`file:${file}`, bytesAt(file, digest));
    else this.#compare(known, digest);
  }

  /** The same for a read that was told of before it began. */
  saw(asked: string, handedOut: unknown, encoding: unknown): void {
    const file = this.#own.behindLinks(asked);
    const known = this.#noted.get(`file:${file}`);
    if (known === undefined || known.exact || this.#own.wrote(file)) return;
    const digest = digestOfHandedOut(file, handedOut, encoding);
    if (digest !== undefined) this.#compare(known, digest);
  }

  /** A whole file could not be read at once. */
  failedAtOnce(asked: string, absent: boolean): void {
    const file = this.#own.behindLinks(asked);
    const known = this.#noted.get(`file:${file}`);
    if (!absent || file.includes("\ufffd")) this.read({ path: asked, kind: "content" });
    else if (this.#isNoRead(file)) return;
    else if (known === undefined) this.#noted.set(`file:${file}`, absentAt(file));
    else if (known.kind !== "absent") this.#conflicting.add(file);
  }

  #compare(known: NotedRead, digest: Digest): void {
    const other = known.kind !== "file" || (known.digest !== undefined && known.digest !== digest);
    if (other) this.#conflicting.add(known.path);
    else if (known.mark !== "") this.#noted.set(`file:${known.path}`, { ...known, digest, exact: true });
  }

  /** Of a file whose bytes were seen: from here on its stamp tells of changes, too. */
  #mark(known: NotedRead, state: NotedRead): void {
    if (state.kind !== "file" || (state.digest ?? known.digest) !== known.digest) this.#conflicting.add(known.path);
    else this.#noted.set(idOf(known), { ...state, digest: known.digest, exact: false });
  }

  #again(file: string): void {
    const known = this.#noted.get(`file:${file}`);
    if (known?.mark === "") this.#mark(known, stateAt(file));
  }

  #askedAgain(file: string): void {
    const known = this.#noted.get(`presence:${file}`);
    if (known !== undefined && !this.#own.wrote(file) && !isUnchanged(known)) this.#conflicting.add(file);
  }

  #isNoRead(file: string): boolean {
    if (this.tooMany) return true;
    if (this.#own.isOwn(file)) {
      if (this.#own.isDisturbed(file)) this.#conflicting.add(file);
      return true;
    }
    const isDevice = file.startsWith("/") && devices.some((folder) => file.startsWith(folder));
    return isDevice && !counted.some((place) => file.startsWith(place));
  }

  /** Digests what was read of a file before this thread writes to it. */
  #seal(file: string): void {
    for (const kind of ["file", "presence", "size", "listing", "link"])
      if (this.#noted.has(`${kind}:${file}`)) this.#sealed.add(`${kind}:${file}`);
    const id = `file:${file}`;
    const read = this.#noted.get(id);
    if (read === undefined || read.kind !== "file" || read.exact) return;
    const state = stateOf(file);
    const same = state.kind === "file" && state.stamp === read.mark && state.size <= BEFORE_WRITE_BYTES;
    const bytes = same ? bytesNow(file) : undefined;
    const digest = bytes === undefined ? undefined : digestOf(bytes);
    if (digest === undefined || (read.digest ?? digest) !== digest) this.#conflicting.add(file);
    else this.#noted.set(id, { ...read, digest, exact: true });
  }

  #note(kind: ReadKind, file: string): void {
    if (kind === "presence") this.#add(presenceAt(file));
    else if (kind === "link") this.#add(linkAt(file));
    else if (kind === "listing") this.#add(listingAt(file));
    else if (kind === "listings" || kind === "tree") this.#tree(file, kind, []);
    else {
      if (kind === "link-state") this.#add(linkAt(file));
      const state = kind === "content" ? stateAt(file) : askedAt(file);
      // What a pipe hands out is there once.
      this.#add(kind === "content" && state.kind === "special" ? unknowableAt(file) : state);
    }
  }

  #tree(folder: string, kind: "listings" | "tree", around: readonly string[]): void {
    const entries = entriesOf(folder);
    if (entries === undefined) return this.#add(stateAt(folder));
    this.#add(listingAt(folder));
    const here = [...around, realPlaceOf(folder)];
    for (const entry of entries) {
      const place = path.join(folder, Buffer.from(entry.name, "latin1").toString());
      if (this.tooMany || this.#own.isOwn(place)) continue;
      if (entry.kind === "folder") this.#tree(place, kind, here);
      else if (kind === "tree" || entry.kind === "link") this.#leaf(place, entry.kind, kind, here);
    }
  }

  #leaf(place: string, entry: "file" | "link" | "other", kind: "listings" | "tree", around: readonly string[]): void {
    if (place.includes("\ufffd")) return this.#add(unknowableAt(place));
    if (entry !== "link") return this.#add(stateAt(place));
    this.#add(linkAt(place));
    const isFolder = stateOf(place).kind === "folder";
    // Links may be followed; one that leads back to where it stands would never end.
    if (isFolder && !around.includes(realPlaceOf(place))) this.#tree(place, kind, around);
    else if (kind === "tree") this.#add(stateAt(place));
  }

  #add(read: NotedRead): void {
    const known = this.#noted.get(idOf(read));
    if (known === undefined) this.#noted.set(idOf(read), read);
    else if (known.mark === "") this.#mark(known, read);
  }
}

function idOf({ kind, path: file }: NotedRead): string {
  const apart =
    kind === "presence" || kind === "size" || kind === "listing" || kind === "link" || kind === "unknowable";
  return `${apart ? kind : "file"}:${file}`;
}

function lengthOf(handedOut: unknown): number {
  if (typeof handedOut === "string") return handedOut.length;
  return handedOut instanceof Uint8Array ? handedOut.byteLength : 0;
}

/** Of the bytes that were handed out, be it as text; undefined where they are no longer there to be told. */
function digestOfHandedOut(file: string, handedOut: unknown, encoding: unknown): Digest | undefined {
  if (handedOut instanceof Uint8Array) return digestOf(handedOut);
  if (typeof handedOut !== "string") return undefined;
  const digest = encoding === "utf8" || encoding === "utf-8" ? digestOfDecoded(handedOut) : undefined;
  if (digest !== undefined) return digest;
  const bytes = bytesNow(file);
  const isSame = bytes !== undefined && Buffer.isEncoding(String(encoding)) && textOf(bytes, encoding) === handedOut;
  return isSame ? digestOf(bytes) : undefined;
}

function textOf(bytes: Buffer, encoding: unknown): string {
  return bytes.toString(String(encoding) as BufferEncoding);
}
