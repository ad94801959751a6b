import type { CodeRecord } from "../model/code-record.ts";
import { isStatement, packageOf } from "./code-change.ts";

export interface MatchedCode {
  readonly pairs: readonly CodePair[];
  readonly removed: readonly CodeRecord[];
  readonly added: readonly CodeRecord[];
}

export interface CodePair {
  readonly before: CodeRecord;
  readonly after: CodeRecord;
}

type Key = (record: CodeRecord) => string | undefined;

/** Below this, two texts are rather two pieces than one that was edited. */
const ALIKE = 0.5;
const MOST_COMPARED = 40;

/**
 * Which piece became which: by file and name first, then by name alone (it moved), by what it says (it was renamed), and
 * last by how alike two texts of one file are. Pieces of one name, as statements, keep their order.
 */
export function matchCode(before: readonly CodeRecord[], after: readonly CodeRecord[]): MatchedCode {
  const pairs: CodePair[] = [];
  let removed = before;
  let added = after;
  for (const key of [placeOf, nameOf, ownOf]) {
    const { matched, left, right } = pairByKey(removed, added, key);
    pairs.push(...matched);
    [removed, added] = [left, right];
  }
  const rest = pairByKey(removed, added, ({ file }) => file, pairAlike);
  return { pairs: [...pairs, ...rest.matched], removed: rest.left, added: rest.right };
}

/** What a piece is known by within one program: its file and name. */
export function placeOf(record: CodeRecord): string {
  return `${record.file ?? ""}\n${packageOf(record)?.name ?? record.name}`;
}

function nameOf(record: CodeRecord): string | undefined {
  return isStatement(record) ? undefined : record.name;
}

function ownOf({ own }: CodeRecord): string {
  return own;
}

interface Paired {
  readonly matched: readonly CodePair[];
  readonly left: readonly CodeRecord[];
  readonly right: readonly CodeRecord[];
}

function pairByKey(
  before: readonly CodeRecord[],
  after: readonly CodeRecord[],
  key: Key,
  pair: typeof pairGroup = pairGroup,
): Paired {
  if (before.length === 0 || after.length === 0) return { matched: [], left: before, right: after };
  const groups = Map.groupBy(after, key);
  const matched: CodePair[] = [];
  for (const [name, some] of Map.groupBy(before, key)) {
    if (name !== undefined) matched.push(...pair(some, groups.get(name) ?? []));
  }
  const taken = new Set(matched.flatMap((one) => [one.before, one.after]));
  const isFree = (record: CodeRecord): boolean => !taken.has(record);
  return { matched, left: before.filter(isFree), right: after.filter(isFree) };
}

/** What says the same first; as many on both sides are taken in order, else only those that are alike. */
function pairGroup(before: readonly CodeRecord[], after: readonly CodeRecord[]): readonly CodePair[] {
  if (after.length === 0) return [];
  const same = pairSame(before, after);
  const taken = new Set(same.flatMap((one) => [one.before, one.after]));
  const left = inOrder(before.filter((record) => !taken.has(record)));
  const right = inOrder(after.filter((record) => !taken.has(record)));
  if (left.length !== right.length) return [...same, ...pairAlike(left, right)];
  return [...same, ...left.flatMap((one, index) => pairOf(one, right[index]))];
}

function pairSame(before: readonly CodeRecord[], after: readonly CodeRecord[]): readonly CodePair[] {
  if (before.length === 1 && after.length === 1) return [];
  const byOwn = Map.groupBy(after, ownOf);
  return before.flatMap((record) => pairOf(record, byOwn.get(record.own)?.shift()));
}

/** The most alike first. */
function pairAlike(before: readonly CodeRecord[], after: readonly CodeRecord[]): readonly CodePair[] {
  if (before.length > MOST_COMPARED || after.length > MOST_COMPARED) return [];
  const candidates = before.flatMap((one) =>
    after.map((other) => ({ before: one, after: other, likeness: likeness(one.text, other.text) })),
  );
  const taken = new Set<CodeRecord>();
  const pairs: CodePair[] = [];
  for (const candidate of candidates.sort((a, b) => b.likeness - a.likeness)) {
    if (candidate.likeness < ALIKE || taken.has(candidate.before) || taken.has(candidate.after)) continue;
    taken.add(candidate.before).add(candidate.after);
    pairs.push({ before: candidate.before, after: candidate.after });
  }
  return pairs;
}

function pairOf(before: CodeRecord, after: CodeRecord | undefined): readonly CodePair[] {
  return after === undefined ? [] : [{ before, after }];
}

function inOrder(records: readonly CodeRecord[]): readonly CodeRecord[] {
  return records.toSorted((a, b) => (a.line ?? 0) - (b.line ?? 0));
}

/** The share of words that two texts have in common, from 0 to 1. */
function likeness(before: string | undefined, after: string | undefined): number {
  if (before === undefined || after === undefined) return 0;
  const counts = new Map<string, number>();
  const left = wordsOf(before);
  const right = wordsOf(after);
  for (const word of left) counts.set(word, (counts.get(word) ?? 0) + 1);
  let common = 0;
  for (const word of right) {
    const count = counts.get(word) ?? 0;
    if (count === 0) continue;
    counts.set(word, count - 1);
    common++;
  }
  return (2 * common) / Math.max(1, left.length + right.length);
}

function wordsOf(text: string): readonly string[] {
  return text.match(/\w+/g) ?? [];
}
