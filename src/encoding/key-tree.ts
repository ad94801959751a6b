import { EncodingError } from "../errors.ts";
import { ByteWriter } from "./byte-writer.ts";
import { digestOf, parseDigest } from "./digest.ts";
import type { Digest } from "./digest.ts";
import { compareLeafPaths, formatLeafPath } from "./leaf-path.ts";

export { formatLeafPath } from "./leaf-path.ts";

declare const brand: unique symbol;

/** The SHA-256 of a key tree as 64 lower-case hexadecimal characters. */
export type CacheKey = string & { readonly [brand]: "CacheKey" };

/** One thing that a result depends on. */
export interface KeyLeaf {
  /** What it is, from general to particular: `["config", "rounds"]`. Never empty. */
  readonly path: readonly string[];
  readonly digest: Digest;
  /** A short text of the value for people. It takes no part in the key. */
  readonly shown?: string;
}

/** Everything that a result depends on, kept beside the key so that a miss can be explained by comparing. */
export interface KeyTree {
  readonly version: number;
  /** In the order of their paths, each path once. */
  readonly leaves: readonly KeyLeaf[];
}

/** What became of one leaf between two trees. */
export interface KeyDifference {
  readonly kind: "added" | "removed" | "changed";
  readonly path: readonly string[];
  readonly before?: KeyLeaf;
  readonly after?: KeyLeaf;
}

/** The version of key trees made by this release. It opens the key's preimage. */
const KEY_TREE_VERSION = 1;

/** Opens a key's preimage; no canonical encoding begins with it, so a value's digest is never a key. */
const KEY_MARK = 0x4b;

/**
 * Builds a tree from leaves in any order.
 *
 * @throws EncodingError when a path is empty or two leaves have the same one.
 * @example keyTree([{ path: ["config", "rounds"], digest: canonicalDigest(100), shown: "100" }])
 */
export function keyTree(leaves: Iterable<KeyLeaf>): KeyTree {
  return treeOf(KEY_TREE_VERSION, [...leaves]);
}

/** The key of a tree: a framed hash of its version and of each leaf's path and digest. `shown` takes no part. */
export function keyOf(tree: KeyTree): CacheKey {
  const out = new ByteWriter(refuseSize);
  try {
    out.byte(KEY_MARK);
    out.uint32(tree.version);
    out.uint32(tree.leaves.length);
    for (const leaf of tree.leaves) writeLeaf(out, leaf);
    return digestOf(out.view()) as string as CacheKey;
  } finally {
    out.release();
  }
}

/**
 * One tree with the leaves of both.
 *
 * @throws EncodingError when a path is in both, or the trees are of different versions.
 */
export function mergeKeyTrees(a: KeyTree, b: KeyTree): KeyTree {
  if (a.version !== b.version) {
    throw new EncodingError({
      message: `Key trees of versions ${a.version} and ${b.version} cannot be merged.`,
      hint: "Compute both with one release of Warmstart.",
    });
  }
  return treeOf(a.version, [...a.leaves, ...b.leaves]);
}

/**
 * What is different in `after`, in the order of paths. Trees of one version have no difference exactly when their keys
 * are equal.
 */
export function diffKeyTrees(before: KeyTree, after: KeyTree): readonly KeyDifference[] {
  const differences: KeyDifference[] = [];
  let left = 0;
  let right = 0;
  for (;;) {
    const old = before.leaves[left];
    const now = after.leaves[right];
    if (old === undefined && now === undefined) return differences;
    const order = orderOf(old, now);
    if (order <= 0) left++;
    if (order >= 0) right++;
    const difference = compareLeaves(order <= 0 ? old : undefined, order >= 0 ? now : undefined);
    if (difference !== undefined) differences.push(difference);
  }
}

/** The stored form of a tree: versioned JSON. */
export function encodeKeyTree(tree: KeyTree): string {
  const leaves = tree.leaves.map(({ path, digest, shown }) =>
    shown === undefined ? [path, digest] : [path, digest, shown],
  );
  return JSON.stringify({ keyTree: tree.version, leaves });
}

/**
 * Reads the stored form of a tree.
 *
 * @throws EncodingError: `WS_FORMAT_NEWER` for a tree of a later version, `WS_BAD_ENCODING` for anything else that
 * `encodeKeyTree` did not write.
 */
export function decodeKeyTree(text: string): KeyTree {
  const stored = parseJson(text);
  if (!isRecord(stored)) throw badTree("it is not an object");
  const version = stored["keyTree"];
  const leaves = stored["leaves"];
  if (typeof version !== "number" || !Number.isInteger(version) || version < 1) throw badTree("it has no version");
  if (version > KEY_TREE_VERSION) throw newerTree(version);
  if (!Array.isArray(leaves)) throw badTree("it has no list of leaves");
  return treeOf(version, leaves.map(decodeLeaf));
}

function treeOf(version: number, leaves: KeyLeaf[]): KeyTree {
  leaves.sort((a, b) => compareLeafPaths(a.path, b.path));
  for (const [index, leaf] of leaves.entries()) {
    if (leaf.path.length === 0) throw new EncodingError({ message: "A leaf of a key tree has an empty path." });
    const next = leaves[index + 1];
    if (next !== undefined && compareLeafPaths(leaf.path, next.path) === 0) throw duplicateLeaf(leaf);
  }
  return { version, leaves };
}

function writeLeaf(out: ByteWriter, { path, digest }: KeyLeaf): void {
  out.uint32(path.length);
  for (const segment of path) out.text(segment);
  out.digest(digest);
}

function orderOf(old: KeyLeaf | undefined, now: KeyLeaf | undefined): number {
  if (old === undefined) return 1;
  return now === undefined ? -1 : compareLeafPaths(old.path, now.path);
}

function compareLeaves(before: KeyLeaf | undefined, after: KeyLeaf | undefined): KeyDifference | undefined {
  if (before === undefined) return after && { kind: "added", path: after.path, after };
  if (after === undefined) return { kind: "removed", path: before.path, before };
  return before.digest === after.digest ? undefined : { kind: "changed", path: before.path, before, after };
}

function decodeLeaf(stored: unknown): KeyLeaf {
  if (!Array.isArray(stored) || stored.length < 2 || stored.length > 3) throw badTree("a leaf is not a list of 2 or 3");
  const [path, digest, shown] = stored as unknown[];
  if (!Array.isArray(path) || path.length === 0 || !path.every(isString)) throw badTree("a leaf has no path");
  if (!isString(digest)) throw badTree("a leaf has no digest");
  const leaf = { path: path as readonly string[], digest: parseDigest(digest) };
  if (stored.length === 2) return leaf;
  if (!isString(shown)) throw badTree("a leaf's preview is not a text");
  return { ...leaf, shown };
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw badTree("it is not JSON", cause);
  }
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function isString(value: unknown): value is string {
  return typeof value === "string";
}

function badTree(what: string, cause?: unknown): EncodingError {
  return new EncodingError({
    code: "WS_BAD_ENCODING",
    message: `A stored key tree cannot be read: ${what}.`,
    hint: "It was damaged or written by something else. Without it, the step is computed again.",
    cause,
  });
}

function newerTree(version: number): EncodingError {
  return new EncodingError({
    code: "WS_FORMAT_NEWER",
    message: `A stored key tree has version ${version}, and this Warmstart reads up to version ${KEY_TREE_VERSION}.`,
    hint: "Use the Warmstart release that wrote it, or a newer one.",
    details: { version, known: KEY_TREE_VERSION },
  });
}

function duplicateLeaf({ path }: KeyLeaf): EncodingError {
  return new EncodingError({
    message: `Two leaves of a key tree have the path \`${formatLeafPath(path)}\`.`,
    hint: "Each thing that a result depends on has one leaf.",
    details: { path },
  });
}

function refuseSize(): never {
  throw new EncodingError({ message: "A key tree is larger than 256 MiB." });
}
