import type { Digest } from "../../encoding/digest.ts";
import type { CodeIdentityError } from "../../errors.ts";
import type { ModuleUnits, Unit } from "./module-units.ts";

/** A file of the project, as the graph of symbols needs it. */
export type SymbolSource =
  | { readonly kind: "module" /** Of its bytes. */; readonly digest: Digest; readonly units: ModuleUnits }
  /** No code. `value` is what importing it gives, `bytes` what reading it does. */
  | { readonly kind: "data"; readonly bytes: Digest; readonly value: Digest }
  /** Code that cannot be read or parsed: an error for whoever reaches it, and nobody else. */
  | { readonly kind: "broken"; readonly digest: Digest; readonly error: CodeIdentityError };

/** Takes modules apart, each content once. Answers stay the same until the graph that asks is told to forget. */
export interface SymbolSources {
  /** Undefined when there is no such file. */
  sourceAt(path: string): SymbolSource | undefined;
  /** The function of a step; undefined when the module has none with this path. */
  rootAt(path: string, functionPath: string): Unit | undefined;
  /** The text that `sourceAt` was made from; undefined when it is not to be had any more. */
  textOf(path: string): string | undefined;
}
