import { types } from "node:util";
import type { PathStep } from "../encoding/value-path.ts";
import type { MaterializerError } from "../errors.ts";
import { notStorable } from "./not-storable.ts";

/** Looks for folders that must not be named by a stored value: they are gone, or another's, when it is read. */
export class ForbiddenText {
  readonly #paths: readonly string[];
  /** The paths as they stand inside JSON. */
  readonly #quoted: readonly string[];

  constructor(paths: readonly string[]) {
    this.#paths = paths.filter((path) => path !== "");
    this.#quoted = this.#paths.map((path) => JSON.stringify(path).slice(1, -1));
  }

  /** A forbidden path that a plain text holds. */
  inText(text: string): string | undefined {
    return this.#paths.find((path) => holdsPath(text, path));
  }

  /** Cheap: whether a piece of JSON may hold one. Finds texts that merely begin alike too. */
  mayBeInJson(json: string): boolean {
    return this.#quoted.some((path) => json.includes(path));
  }

  /** The refusal of a value that names such a folder, or undefined. Reads data properties only. */
  refusalOf(value: unknown): MaterializerError | undefined {
    const steps = this.#find(value);
    return steps === undefined ? undefined : forbiddenPathFound(steps);
  }

  #find(root: unknown): readonly PathStep[] | undefined {
    const seen = new Set<object>();
    const pending: { readonly value: unknown; readonly steps: readonly PathStep[] }[] = [{ value: root, steps: [] }];
    for (let next = pending.pop(); next !== undefined; next = pending.pop()) {
      const { value, steps } = next;
      if (typeof value === "string" && this.inText(value) !== undefined) return steps;
      if (typeof value !== "object" || value === null || seen.has(value)) continue;
      seen.add(value);
      for (const [step, child] of childrenOf(value)) {
        // A text is looked at here, so that not every text of a large value waits in the list.
        if (typeof child === "string" && this.inText(child) === undefined) continue;
        if (child !== null && (typeof child === "object" || typeof child === "string")) {
          pending.push({ value: child, steps: [...steps, step] });
        }
      }
    }
    return undefined;
  }
}

/** The error for a value that names a folder which is there only while the step runs. */
export function forbiddenPathFound(steps: readonly PathStep[]): MaterializerError {
  return notStorable(steps, {
    found: "a text that holds a path of the step's temporary folder or of the store",
    hint: "Return the file itself, `file(path)`, or a path that means the same when the value is read later.",
  });
}

function holdsPath(text: string, path: string): boolean {
  for (let at = text.indexOf(path); at >= 0; at = text.indexOf(path, at + 1)) {
    // `/tmp/step-1` is not in `/tmp/step-12`.
    if (!/[\w-]/.test(text[at + path.length] ?? "")) return true;
  }
  return false;
}

function* childrenOf(value: object): Generator<readonly [PathStep, unknown], void, undefined> {
  if (types.isMap(value)) {
    let index = 0;
    for (const [key, item] of value) {
      yield [{ at: "key", index: index++, key }, key];
      yield [{ at: "value", index, key }, item];
    }
  } else if (types.isSet(value)) {
    let index = 0;
    for (const member of value) yield [{ at: "member", index: index++, key: member }, member];
  } else if (value instanceof URL) {
    yield ["href", value.href];
  } else if (Array.isArray(value)) {
    for (const [index, item] of value.entries()) yield [index, item];
  } else if (!ArrayBuffer.isView(value)) {
    for (const name of Object.keys(value)) {
      yield [name, name];
      yield [name, Object.getOwnPropertyDescriptor(value, name)?.value];
    }
  }
}
