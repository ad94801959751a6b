import type { ReadRecord } from "../model/reads.ts";

export interface ReadSet {
  /** Each thing once. */
  readonly reads: readonly ReadRecord[];
  /** Names of what was read with one content and then with another. */
  readonly conflicting: readonly string[];
}

/** Brings together what was read more than once: as a file and as a folder that was absent, or under two URLs. */
export function readSetOf(records: readonly ReadRecord[]): ReadSet {
  const reads = new Map<string, ReadRecord>();
  const conflicting = new Set<string>();
  for (const record of records) {
    const id = `${record.kind === "absent" ? "file" : record.kind}:${record.name}`;
    const known = reads.get(id);
    if (known === undefined) reads.set(id, record);
    else if (known.digest !== record.digest) conflicting.add(record.name);
  }
  return { reads: [...reads.values()], conflicting: [...conflicting] };
}
