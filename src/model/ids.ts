declare const brand: unique symbol;

/** The number that people see: `run 15`. Unique and rising within one repository. */
export type RunId = number & { readonly [brand]: "RunId" };
export type ExecutionId = number & { readonly [brand]: "ExecutionId" };
export type ArtifactId = number & { readonly [brand]: "ArtifactId" };
