import type { CodeMode } from "./code-identity.ts";

type SemanticVersion = `${number}.${number}.${number}`;

const word = /^(warmstart:[a-z0-9-]+@\d+\.\d+)\.\d+$/;

/**
 * The `code` of a step that ships inside Warmstart. Warmstart's own files are no part of any identity, or a new release
 * would cost every user a recomputation; so such a step says by its version what it computes. A new major or minor
 * version makes it a miss: whenever any output can differ. A new patch version says that the code changed and no output
 * can: it is not part of the identity.
 *
 * The name must be this step's alone, and the function must close over nothing: what the build calls captured variables
 * may change with a release. `test/code-identity/shipped-steps.test.ts` refuses both, and code that changed while its
 * version did not.
 *
 * @example step("read-csv", { code: shippedCode("read-csv", "1.0.0") }, readCsv)
 */
export function shippedCode(name: string, version: SemanticVersion): { readonly version: string } {
  return { version: `warmstart:${name}@${version}` };
}

/** What counts of the code of a step that ships inside Warmstart; undefined for any other. */
export function shippedVersion(mode: CodeMode): string | undefined {
  return typeof mode === "object" ? word.exec(mode.version)?.[1] : undefined;
}
