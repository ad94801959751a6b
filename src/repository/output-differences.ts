import type { ArtifactStore } from "../artifact-store/artifact-store.ts";
import { WarmstartError } from "../errors.ts";
import { comparableForm } from "../materializer/comparable-form.ts";
import type { StoredValue } from "../model/artifact.ts";
import { valueDifferences } from "./value-differences.ts";
import type { ValueDifference } from "./value-differences.ts";

/** An output of which a step that was run again gave another content. */
export interface OutputDifference {
  readonly output: string;
  /** Absent where the output is not there on that side. */
  readonly stored?: ComparedContent;
  readonly again?: ComparedContent;
  /** The first places where the values differ. */
  readonly differences: readonly ValueDifference[];
  readonly more: boolean;
  /** Where the values say nothing of it: why. */
  readonly note?: string;
}

export interface ComparedContent {
  readonly type: string;
  readonly digest: string;
  /** Bytes. */
  readonly size: number;
}

export interface NamedValue {
  readonly name: string;
  readonly value: StoredValue;
}

const MOST_DIFFERENCES = 20;

/** The outputs whose content is not the same, compared by type and digest; in the order of the stored ones. */
export async function outputDifferences(
  stored: readonly NamedValue[],
  again: readonly NamedValue[],
  blobs: ArtifactStore,
): Promise<readonly OutputDifference[]> {
  const now = new Map(again.map(({ name, value }) => [name, value]));
  const before = new Map(stored.map(({ name, value }) => [name, value]));
  const found: OutputDifference[] = [];
  for (const name of new Set([...before.keys(), ...now.keys()])) {
    const [left, right] = [before.get(name), now.get(name)];
    if (left !== undefined && right !== undefined && isSameContent(left, right)) continue;
    found.push(await describe(name, left, right, blobs));
  }
  return found;
}

function isSameContent(left: StoredValue, right: StoredValue): boolean {
  return left.digest === right.digest && isSameType(left, right);
}

function isSameType({ type }: StoredValue, other: StoredValue): boolean {
  return type.id === other.type.id && type.version === other.type.version;
}

async function describe(
  output: string,
  stored: StoredValue | undefined,
  again: StoredValue | undefined,
  blobs: ArtifactStore,
): Promise<OutputDifference> {
  const sides = {
    output,
    ...(stored === undefined ? {} : { stored: contentOf(stored) }),
    ...(again === undefined ? {} : { again: contentOf(again) }),
  };
  if (stored === undefined || again === undefined || !isSameType(stored, again)) {
    const difference = { path: "", ...shownPart("before", stored), ...shownPart("after", again) };
    return { ...sides, differences: [difference], more: false, note: "it is of another kind" };
  }
  try {
    const left = await comparableForm(stored, blobs);
    const { items, more } = valueDifferences(left, await comparableForm(again, blobs), MOST_DIFFERENCES);
    const note = "the values are equal, and what differs is which of their objects are shared";
    return { ...sides, differences: items, more, ...(items.length === 0 ? { note } : {}) };
  } catch (error) {
    if (!(error instanceof WarmstartError)) throw error;
    return { ...sides, differences: [], more: false, note: `the values cannot be compared: ${error.message}` };
  }
}

function contentOf({ type, digest, size }: StoredValue): ComparedContent {
  return { type: type.id, digest, size };
}

function shownPart(side: "before" | "after", value: StoredValue | undefined): Partial<ValueDifferencePart> {
  return value === undefined ? {} : { [side]: value.shown ?? value.type.id };
}

type ValueDifferencePart = Pick<ValueDifference, "before" | "after">;
