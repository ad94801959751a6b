import { systemClock } from "../util/clock.ts";
import { digestOf } from "../encoding/digest.ts";
import type { Digest } from "../encoding/digest.ts";
import { absentDigest } from "./data-digests.ts";
import {
  bytesNow,
  folderDigest,
  isFree,
  isThere,
  linkDigest,
  listingDigest,
  otherDigests,
  presentDigest,
  sizeDigest,
  stateOf,
} from "./path-state.ts";
import type { PathState } from "./path-state.ts";

/** Within it a file may change once more without its time stamp telling; longer where stamps are whole seconds. */
const TICK_MS = 20;
const COARSE_TICK_MS = 2000;
/** Kept small: a file that was written to just now is digested at once, since its next change may bear the same time. */
const RACY_MS = 100;
const RACY_BYTES = 1 << 20;
const ASKED_BYTES = 1 << 26;

/** What a thread found at a path when it read it first. */
export interface NotedRead {
  readonly path: string;
  readonly kind:
    | "file"
    | "absent"
    | "folder"
    | "presence"
    | "size"
    | "listing"
    | "link"
    | "special"
    | "unreadable"
    | "unknowable";
  /** The same later means: nothing changed in between. Empty for a file whose bytes alone were seen. */
  readonly mark: string;
  /** Of what was there at the read; for files undefined where the mark is enough to tell it later. */
  readonly digest: Digest | undefined;
  /** The digest is of the very bytes that were handed out, at the time of the mark or later. */
  readonly exact: boolean;
}

/** Whether a file, a folder or neither is there. Links are followed. */
export function stateAt(path: string): NotedRead {
  const state = settledState(path);
  if (state.kind === "file") {
    const racy = state.changedAt + RACY_MS > systemClock.now() && state.size <= RACY_BYTES;
    return { path, kind: "file", mark: state.stamp, digest: racy ? digestNow(path) : undefined, exact: false };
  }
  const digest = state.kind === "absent" ? absentDigest : state.kind === "folder" ? folderDigest : undefined;
  return seen(path, state.kind, digest ?? otherDigests[state.kind as "special" | "unreadable"]);
}

/** What is asked about a file and not read: a large one is not read for it, so its size is what counts. */
export function askedAt(path: string): NotedRead {
  const state = stateOf(path);
  if (state.kind !== "file" || state.size <= ASKED_BYTES) return stateAt(path);
  return seen(path, "size", sizeDigest(path));
}

export function presenceAt(path: string): NotedRead {
  return seen(path, "presence", isThere(path) ? presentDigest : absentDigest);
}

/** Where a folder is listed that is none or is not there, that is what counts. */
export function listingAt(path: string): NotedRead {
  return stateOf(path).kind === "folder" ? seen(path, "listing", listingDigest(path)) : stateAt(path);
}

export function linkAt(path: string): NotedRead {
  return isFree(path) ? seen(path, "absent", absentDigest) : seen(path, "link", linkDigest(path));
}

/** Nobody could look again: at a name that is no valid text and so cannot be kept, or at what comes out of a pipe. */
export function unknowableAt(path: string): NotedRead {
  return { path, kind: "unknowable", mark: "", digest: undefined, exact: false };
}

export function absentAt(path: string): NotedRead {
  return seen(path, "absent", absentDigest);
}

/** Bytes that were handed out. */
export function bytesAt(path: string, digest: Digest): NotedRead {
  return { path, kind: "file", mark: "", digest, exact: true };
}

/** What is asked of a path in one of these ways is kept apart from what is asked of the file there. */
const apart: ReadonlySet<NotedRead["kind"]> = new Set(["presence", "size", "listing", "link", "unknowable"]);

export function idOf({ kind, path }: NotedRead): string {
  return `${apart.has(kind) ? kind : "file"}:${path}`;
}

/** Whether what was read is there as it was; for a file, by its stamp. */
export function isUnchanged(read: NotedRead): boolean {
  const now = againOf(read);
  return now.kind === read.kind && now.mark === read.mark;
}

function againOf({ kind, path }: NotedRead): Pick<NotedRead, "kind" | "mark"> {
  if (kind === "link") return linkAt(path);
  if (kind === "listing") return listingAt(path);
  if (kind === "presence") return presenceAt(path);
  if (kind === "size") return askedAt(path);
  const state = stateOf(path);
  return state.kind === "file" ? { kind: "file", mark: state.stamp } : stateAt(path);
}

function seen(path: string, kind: NotedRead["kind"], digest: Digest): NotedRead {
  return { path, kind, mark: digest, digest, exact: true };
}

/** A large file that was written to a moment ago is waited for, so that its next change bears another time. */
function settledState(path: string): PathState {
  const state = stateOf(path);
  if (state.kind !== "file" || state.size <= RACY_BYTES) return state;
  const tick = state.changedAt % 1000 === 0 ? COARSE_TICK_MS : TICK_MS;
  const left = state.changedAt + tick - systemClock.now();
  if (left <= 0 || left > COARSE_TICK_MS) return state;
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, left);
  return stateOf(path);
}

function digestNow(path: string): Digest | undefined {
  const bytes = bytesNow(path);
  return bytes === undefined ? undefined : digestOf(bytes);
}
