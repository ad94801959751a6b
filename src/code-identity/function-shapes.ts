import { digestOf } from "../encoding/digest.ts";
import { lazy } from "../util/lazy.ts";
import { shapeOfText } from "./function-table.ts";

/** By the digest of a function's text; null where it does not stand alone. */
export type StoredShapes = readonly (readonly [text: string, shape: string | null])[];

/** Shapes of running functions, each text parsed once and not again in later processes: a text has one shape for ever. */
export class FunctionShapes {
  readonly #stored: () => ReadonlyMap<string, string | null>;
  /** Those asked for by this process: the others are dropped when saving. */
  readonly #used = new Map<string, string | null>();
  #changed = false;

  /** `load` is called when a shape is first asked for. */
  constructor(load: () => StoredShapes | undefined) {
    this.#stored = lazy(() => new Map(load()));
  }

  get changed(): boolean {
    return this.#changed;
  }

  of(text: string): string | undefined {
    const key = digestOf(text);
    let shape = this.#used.get(key);
    if (shape === undefined) shape = this.#stored().get(key);
    if (shape === undefined) {
      shape = shapeOfText(text) ?? null;
      this.#changed = true;
    }
    this.#used.set(key, shape);
    return shape ?? undefined;
  }

  toStored(): StoredShapes {
    this.#changed = false;
    return [...this.#used];
  }
}
