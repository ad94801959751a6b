import path from "node:path";
import { digestOf } from "../encoding/digest.ts";
import type { Digest } from "../encoding/digest.ts";
import { HandedOut } from "./handed-out.ts";
import {
  absentAt,
  askedAt,
  idOf,
  isUnchanged,
  linkAt,
  listingAt,
  presenceAt,
  stateAt,
  unknowableAt,
} from "./noted-read.ts";
import type { NotedRead } from "./noted-read.ts";
import { NotedReads } from "./noted-reads.ts";
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
  readonly #noted = new NotedReads();
  /** Files that are being read as wholes: what is handed out of them will tell. */
  readonly #begun = new Set<string>();
  /** Not noted yet: before anything else is told, it is. */
  readonly #handedOut = new HandedOut();
  readonly #known = new Set<string>();
  readonly #own = new OwnWrites();
  /** What was digested before this thread wrote to it. */
  readonly #sealed = new Set<string>();
  /** What was seen as one thing and then as another. */
  readonly #conflicting = new Set<string>();

  /** A file that is still being read counts as it is now. */
  get noted(): readonly NotedRead[] {
    this.#noteHandedOut();
    this.#noteBegun(() => true);
    return [...this.#noted.all()];
  }

  /** Whether nothing was read that counts, nor seen to change. */
  get isEmpty(): boolean {
    const noted = this.#noted.size + this.#begun.size + this.#handedOut.size;
    return noted === 0 && this.#conflicting.size === 0;
  }

  whole(): this {
    return this;
  }

  get tooMany(): boolean {
    const noted = this.#noted.size + this.#begun.size;
    if (noted + this.#handedOut.size <= MOST_READS) return false;
    // The same file may be among it more than once.
    this.#noteHandedOut();
    return this.#noted.size + this.#begun.size > MOST_READS;
  }

  /** Absolute paths that changed while the step looked at them, and files of its own that somebody else wrote to. */
  get conflicting(): readonly string[] {
    this.#noteHandedOut();
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
    this.#noteHandedOut();
    if (!this.#own.wrote(write.path)) this.#seal(write.path);
    if (write.kind === "removed" && stateOf(write.path).kind === "folder") {
      const inside = write.path + path.sep;
      this.#noteBegun((file) => file.startsWith(inside));
      for (const { path: file } of this.#noted.all()) if (file.startsWith(inside)) this.#seal(file);
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
    if (read.kind !== "presence") this.#noteHandedOut();
    const file = this.#own.behindLinks(read.path);
    const id = `${read.kind}:${file}`;
    if (this.#known.has(id)) {
      if (read.kind === "presence") this.#askedAgain(file);
      return;
    }
    if (this.#isNoRead(file)) return;
    this.#known.add(id);
    if (file.includes("\ufffd")) this.#noted.set(unknowableAt(file));
    else this.#note(read.kind, file);
  }

  /** A whole file was read at once, and this is what was handed out. */
  sawAtOnce(asked: string, handedOut: unknown, encoding: unknown): void {
    const file = this.#own.behindLinks(asked);
    if (!this.#isNoRead(file)) this.#saw(file, handedOut, encoding);
  }

  /** A whole file could not be read at once. */
  failedAtOnce(asked: string, absent: boolean): void {
    const file = this.#own.behindLinks(asked);
    if (!this.#isNoRead(file)) this.#failed(file, absent);
  }

  /**
   * Must be told before the read of a whole file begins that takes its time. Returns the file that `ended` or `broken`
   * is to be told of; undefined where it is no read. If the thread writes to it meanwhile, it counts as it was before.
   */
  began(asked: string): string | undefined {
    const file = this.#own.behindLinks(asked);
    if (this.#isNoRead(file)) return undefined;
    this.#begun.add(file);
    return file;
  }

  /** This is what was handed out in the end. */
  ended(file: string, handedOut: unknown, encoding: unknown): void {
    this.#begun.delete(file);
    if (!this.#changed(file)) this.#saw(file, handedOut, encoding);
  }

  /** Nothing was handed out. */
  broken(file: string, absent: boolean): void {
    this.#begun.delete(file);
    if (!this.#changed(file)) this.#failed(file, absent);
  }

  /** Whether this thread did something to it, before which it was noted as it was. */
  #changed(file: string): boolean {
    return this.#own.wrote(file) || this.#own.isOwn(file);
  }

  #saw(file: string, handedOut: unknown, encoding: unknown): void {
    const kept = !file.includes("\ufffd") && tellsItsBytes(handedOut, encoding);
    if (kept && this.#handedOut.keep(file, handedOut)) return;
    this.#noteHandedOut();
    if (file.includes("\ufffd")) return this.read({ path: file, kind: "content" });
    const known = this.#noted.file(file);
    if (known?.mark === "" && lengthOf(handedOut) > AGAIN_BYTES) return this.#mark(known, stateAt(known.path));
    const digest = digestOfHandedOut(file, handedOut, encoding);
    if (digest === undefined) this.#conflicting.add(file);
    else this.#digested(file, digest);
  }

  #noteHandedOut(): void {
    this.#handedOut.drain((file, digest) => this.#digested(file, digest));
  }

  #digested(file: string, digest: Digest): void {
    const known = this.#noted.file(file);
    if (known === undefined) this.#noted.handedOut(file, digest);
    else this.#compare(known, digest);
  }

  #failed(file: string, absent: boolean): void {
    this.#noteHandedOut();
    const known = this.#noted.file(file);
    if (!absent || file.includes("\ufffd")) this.read({ path: file, kind: "content" });
    else if (known === undefined) this.#noted.set(absentAt(file));
    else if (known.kind !== "absent") this.#conflicting.add(file);
  }

  /** What was begun of these and has not ended is looked at now. */
  #noteBegun(isMeant: (file: string) => boolean): void {
    for (const file of this.#begun) {
      if (!isMeant(file)) continue;
      this.#begun.delete(file);
      this.#note("content", file);
    }
  }

  #compare(known: NotedRead, digest: Digest): void {
    const other = known.kind !== "file" || (known.digest !== undefined && known.digest !== digest);
    if (other) this.#conflicting.add(known.path);
    else if (known.mark !== "") this.#noted.set({ ...known, digest, exact: true });
  }

  #mark(known: NotedRead, state: NotedRead): void {
    if (state.kind !== "file" || (state.digest ?? known.digest) !== known.digest) this.#conflicting.add(known.path);
    else this.#noted.set({ ...state, digest: known.digest, exact: false });
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
    if (this.#begun.delete(file)) this.#note("content", file);
    for (const kind of ["presence", "size", "listing", "link"])
      if (this.#noted.get(`${kind}:${file}`) !== undefined) this.#sealed.add(`${kind}:${file}`);
    const read = this.#noted.file(file);
    if (read !== undefined) this.#sealed.add(idOf(read));
    if (read === undefined || read.kind !== "file" || read.exact) return;
    const state = stateOf(file);
    const same = state.kind === "file" && state.stamp === read.mark && state.size <= BEFORE_WRITE_BYTES;
    const bytes = same ? bytesNow(file) : undefined;
    const digest = bytes === undefined ? undefined : digestOf(bytes);
    if (digest === undefined || (read.digest ?? digest) !== digest) this.#conflicting.add(file);
    else this.#noted.set({ ...read, digest, exact: true });
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
    const id = idOf(read);
    const known = id.startsWith("file:") ? this.#noted.file(read.path) : this.#noted.get(id);
    if (known === undefined) this.#noted.set(read);
    else if (known.mark === "") this.#mark(known, read);
  }
}

function lengthOf(handedOut: unknown): number {
  if (typeof handedOut === "string") return handedOut.length;
  return handedOut instanceof Uint8Array ? handedOut.byteLength : 0;
}

/** Whether what was handed out is the file's bytes or says them: a text in which nothing was replaced in decoding. */
function tellsItsBytes(handedOut: unknown, encoding: unknown): handedOut is string | Uint8Array {
  if (typeof handedOut !== "string") return handedOut instanceof Uint8Array;
  return (encoding === "utf8" || encoding === "utf-8") && !handedOut.includes("\ufffd");
}

/** Of the bytes that were handed out, be it as text; undefined where they are no longer there to be told. */
function digestOfHandedOut(file: string, handedOut: unknown, encoding: unknown): Digest | undefined {
  if (tellsItsBytes(handedOut, encoding)) return digestOf(handedOut);
  if (typeof handedOut !== "string") return undefined;
  const bytes = bytesNow(file);
  const isSame = bytes !== undefined && Buffer.isEncoding(String(encoding)) && textOf(bytes, encoding) === handedOut;
  return isSame ? digestOf(bytes) : undefined;
}

function textOf(bytes: Buffer, encoding: unknown): string {
  return bytes.toString(String(encoding) as BufferEncoding);
}
