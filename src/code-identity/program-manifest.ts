import type { Digest } from "../encoding/digest.ts";
import { CodeIdentityError } from "../errors.ts";
import { holds } from "./guarded-memo.ts";
import type { StoredGuards } from "./guarded-memo.ts";
import type { FileDigests } from "./module-stamps.ts";

/**
 * All that the digest of a program follows from: the bytes of its files, and what was, or was not, at the places that decide
 * where its imports lead, which packages are installed and how sources are compiled.
 */
export interface ProgramManifest extends StoredGuards {
  /** Real paths. */
  readonly files: readonly (readonly [path: string, digest: Digest])[];
}

/** Whether a program is what it was, by stamps alone where they can tell. In doubt it is not. */
export function isUnchanged(manifest: ProgramManifest, digests: FileDigests): boolean {
  try {
    if (!holds(manifest, (path) => digests.stampOf(path))) return false;
    return manifest.files.every(([path, digest]) => digests.digestOfSource(path)?.digest === digest);
  } catch (error) {
    if (error instanceof CodeIdentityError) return false;
    throw error;
  }
}
