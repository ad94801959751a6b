import { mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createRequire, registerHooks } from "node:module";
import { dirname, join } from "node:path";
import { pathToFileURL } from "node:url";
import { inspect } from "node:util";
import type { BehaviourReply, BehaviourRequest, StepBegun } from "./behaviour.ts";

/** Runs the steps of an edited program, again and again in one process, each time as modules of their own. */
const root = process.argv[2] ?? "";
const rootUrl = `${pathToFileURL(root).href}/`;
let round = 0;

registerHooks({
  resolve(specifier, context, next) {
    const found = next(specifier, context);
    if (!found.url.startsWith(rootUrl)) return found;
    return { ...found, url: `${found.url.replace(/[?#].*$/s, "")}?round=${round}` };
  },
});

type Descriptors = Readonly<Record<PropertyKey, PropertyDescriptor>>;

const built = [Object, Function, Array, String, Number, Boolean, RegExp, Date, Map, Set, Promise, Error, Symbol];

/** What a program may leave behind for the next one. */
const shared: readonly object[] = [
  globalThis,
  process.env,
  Math,
  JSON,
  ...built,
  ...built.map((one) => one.prototype as object),
];
const pristine = shared.map((held) => Object.getOwnPropertyDescriptors(held) as Descriptors);

function restoreShared(): void {
  for (const [index, held] of shared.entries()) restore(held, pristine[index] ?? {});
  const cache = createRequire(import.meta.url).cache;
  for (const path of Object.keys(cache)) if (path.startsWith(root)) Reflect.deleteProperty(cache, path);
}

function restore(held: object, before: Descriptors): void {
  const now = Object.getOwnPropertyDescriptors(held) as Descriptors;
  for (const key of Reflect.ownKeys(now)) if (!Object.hasOwn(before, key)) Reflect.deleteProperty(held, key);
  for (const key of Reflect.ownKeys(before)) {
    const was = before[key];
    const is = now[key];
    if (was === undefined || (is !== undefined && is.value === was.value && is.get === was.get)) continue;
    if (held === process.env) Reflect.set(held, key, was.value);
    else if (is === undefined || is.configurable === true) Object.defineProperty(held, key, was);
    else Reflect.set(held, key, was.value);
  }
}

/** What a step gets beside its inputs, the same each time. */
function context(): object {
  let drawn = 0;
  return {
    random: () => (drawn = (drawn * 16_807 + 12_345) % 2_147_483_647) / 2_147_483_647,
    metric: () => undefined,
    log: () => undefined,
    file: (path: string) => join(root, path),
    env: (name: string) => process.env[name],
  };
}

async function run({ entry, edits, steps }: BehaviourRequest): Promise<BehaviourReply> {
  round++;
  const undo = Object.entries(edits).map(([path, text]) => write(join(root, path), text));
  const definitions = new Map<string, (inputs: unknown, ctx: object) => unknown>();
  Reflect.set(globalThis, "__mutated", definitions);
  try {
    await import(pathToFileURL(join(root, entry)).href);
    const outcomes: Record<string, string> = {};
    for (const { name, inputs } of steps) {
      process.send?.({ begun: name } satisfies StepBegun);
      outcomes[name] = await outcomeOf(definitions.get(name) ?? definitions.get(`${name}-renamed`), inputs);
    }
    return { outcomes };
  } catch (error) {
    return { broken: withoutPlace(inspect(error)).slice(0, 500) };
  } finally {
    for (const restoreFile of undo.toReversed()) restoreFile();
    restoreShared();
  }
}

async function outcomeOf(
  step: ((inputs: unknown, ctx: object) => unknown) | undefined,
  inputs: readonly unknown[],
): Promise<string> {
  const seen: string[] = [];
  for (const input of inputs) {
    try {
      const output = await step?.(structuredClone(input), context());
      seen.push(
        inspect(output, { depth: 30, maxArrayLength: null, maxStringLength: null, showHidden: false, getters: true }),
      );
    } catch (error) {
      seen.push(error instanceof Error ? `${error.name}: ${error.message}` : `thrown ${inspect(error)}`);
    }
  }
  return withoutPlace(seen.join("\n"));
}

function withoutPlace(text: string): string {
  return text.replaceAll(root, "").replaceAll(/\?round=\d+/g, "");
}

function write(path: string, text: string | null): () => void {
  let before: string | undefined;
  try {
    before = readFileSync(path, "utf8");
  } catch {
    before = undefined;
  }
  if (text === null) rmSync(path);
  else {
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, text);
  }
  return () => (before === undefined ? rmSync(path) : writeFileSync(path, before));
}

process.on("unhandledRejection", () => undefined);
process.on("uncaughtException", () => undefined);
process.on("message", (request: BehaviourRequest) => {
  void run(request).then((reply) => process.send?.(reply));
});
process.send?.("ready");
