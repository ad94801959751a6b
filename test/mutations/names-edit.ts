import { compareCode } from "../../src/cache/compare-code.ts";
import type { CodeChange } from "../../src/cache/code-change.ts";
import type { Digest } from "../../src/encoding/digest.ts";
import type { CodeRecord } from "../../src/model/code-record.ts";
import type { StepIdentity } from "./identities.ts";
import type { EditedThing, Mutation } from "./mutation.ts";

/** Whether what explains a miss names what was edited: the symbol with file and line, or the package, asset or file. */
export async function namesEdit(before: StepIdentity, after: StepIdentity, { about }: Mutation): Promise<boolean> {
  const known = new Map(before.leaves.map(({ path, digest }) => [path.join("/"), digest]));
  const now = new Set(after.leaves.map(({ path }) => path.join("/")));
  const changed = after.leaves.filter(({ path, digest }) => known.get(path.join("/")) !== digest);
  const gone = [...known.keys()].filter((path) => !now.has(path));
  const shown = [...changed.map(({ path, shown: text = "" }) => `${path.join("/")} ${text}`), ...gone];
  const wanted = about.packageName === undefined ? about.file : `package:${about.packageName}@`;
  if (shown.some((text) => text.includes(wanted))) return true;
  const records = new Map([...before.records, ...after.records].map((record) => [record.digest, record]));
  const find = async (digests: readonly Digest[]): Promise<readonly (CodeRecord | undefined)[]> =>
    digests.map((digest) => records.get(digest));
  for (const { path, digest } of changed) {
    const old = known.get(path.join("/"));
    const changes = old === undefined ? undefined : await compareCode({ before: old, after: digest }, find);
    if (changes?.some((change) => tells(change, about)) === true) return true;
  }
  return false;
}

function tells(change: CodeChange, about: EditedThing): boolean {
  const records = [change.before, change.after].flatMap((record) => record ?? []);
  // What a module takes from another one is told by what is reached now and was not before.
  if (about.link === true && change.kind !== "changed") return true;
  if (about.packageName !== undefined) return records.some(({ name }) => name.includes(about.packageName ?? ""));
  return records.some((record) => record.file === `project:${about.file}` && isPlace(record, about));
}

function isPlace({ name, line = 1, text = "" }: CodeRecord, { names, lines }: EditedThing): boolean {
  if (lines.length === 0) return true;
  if (names.some((wanted) => name.split(/\W+/).includes(wanted))) return true;
  const last = line + text.split("\n").length - 1;
  return lines.some((at) => line <= at && at <= last);
}
