/**
 * The layers of `src/`, bottom to top. An entry is a folder of `src/` or a file directly in it.
 * A file may import from its own entry and from rows below; entries of one row are siblings and do not see each other.
 * This is the only place where the order is written down for a machine; the prose is in ARCHITECTURE.md.
 */
export const layers: readonly (readonly string[])[] = [
  ["errors.ts"],
  ["util"],
  ["encoding"],
  ["model"],
  ["code-identity"],
  ["pipeline"],
  ["metadata-store", "artifact-store", "materializer", "observation"],
  ["cache", "executor"],
  ["runtime"],
  ["orchestrator"],
  ["repository"],
  ["index.ts"],
  ["cli", "server", "mlmd"],
];

/** Entries beside the layers, which nothing in `src/` may import, and the highest row that each may import from. */
export const besides: ReadonlyMap<string, { readonly upTo: string; readonly only?: readonly string[] }> = new Map([
  ["testing", { upTo: "repository" }],
  ["data", { upTo: "index.ts", only: ["index.ts"] }],
]);
