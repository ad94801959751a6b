import type { CodeIdentity } from "../../src/code-identity/code-identity.ts";
import type { Mutation } from "./mutation.ts";

/** Whether comparing two identities leads to what was edited: a leaf of the edited file or package that differs. */
export function namesEdit(before: CodeIdentity, after: CodeIdentity, { about }: Mutation): boolean {
  const known = new Map(before.leaves.map(({ path, digest }) => [path.join("/"), digest]));
  const changed = after.leaves.flatMap(({ path, digest }) =>
    known.get(path.join("/")) === digest ? [] : [path.join("/")],
  );
  const named = about.packageName === undefined ? about.file : `package:${about.packageName}@`;
  return changed.some((path) => path.includes(named));
}
