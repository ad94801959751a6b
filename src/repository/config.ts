import { pathToFileURL } from "node:url";
import type { Durability } from "../artifact-store/artifact-store.ts";
import { RepositoryError } from "../errors.ts";
import type { VariableRules } from "../observation/variable-rules.ts";
import { parseDuration } from "../pipeline/duration.ts";
import type { CachePolicy, ExecutorKind, Trust } from "../pipeline/step-options.ts";
import { nearestName } from "../util/nearest-name.ts";
import { isTrust, trustExpected } from "../pipeline/trust-word.ts";

/** What `warmstart.config.ts` may say; every entry is optional. */
export interface Config {
  /** Folder of the repository, from the project's root; `.warmstart` unless told. */
  readonly repository?: string;
  /** For steps and pipelines that say nothing themselves. */
  readonly cache?: CachePolicy;
  /** What is vouched for in every step. */
  readonly trust?: readonly Trust[];
  /** For steps that say nothing themselves: what they do unseen or undeclared fails them. */
  readonly strict?: boolean;
  /**
   * Environment variables that count for nothing when a step reads them, and that count although they look like
   * credentials; `*` stands for any text: `{ ignore: ["CI_*"], count: ["MODEL_TOKEN"] }`.
   */
  readonly env?: VariableRules;
  readonly executor?: ExecutorKind;
  /** How many steps compute at once; the number of processors unless told. */
  readonly parallel?: number;
  readonly durability?: Durability;
}

/**
 * Types and checks a configuration.
 *
 * @example export default defineConfig({ parallel: 4, cache: { ttl: "30d" } });
 */
export function defineConfig(config: Config): Config {
  return checkConfig(config, "defineConfig");
}

/** Reads `warmstart.config.ts`; nothing there is an empty configuration. */
export async function loadConfig(file: string | undefined): Promise<Config> {
  if (file === undefined) return {};
  const module = await importConfig(file);
  if (!("default" in module)) {
    throw badConfig(file, "it has no default export", "Write `export default defineConfig({ … })`.");
  }
  return checkConfig(module.default, file);
}

async function importConfig(file: string): Promise<object> {
  try {
    return (await import(pathToFileURL(file).href)) as object;
  } catch (cause) {
    throw new RepositoryError("WS_BAD_CONFIG", {
      message: `${file} could not be loaded: ${cause instanceof Error ? cause.message : String(cause)}`,
      hint: "Run `node` on it to see the whole error.",
      cause,
    });
  }
}

type Check = (value: unknown) => string | undefined;

const oneOf =
  (...allowed: readonly string[]): Check =>
  (value) =>
    typeof value === "string" && allowed.includes(value) ? undefined : `one of ${allowed.join(", ")}`;

const checks: Readonly<Record<keyof Config, Check>> = {
  repository: (value) => (typeof value === "string" && value !== "" ? undefined : "a path"),
  cache: (value) => (isPolicy(value) ? undefined : '"use", "refresh", "off" or { ttl: "30d" }'),
  trust: (value) => (Array.isArray(value) && value.every(isTrust) ? undefined : trustExpected),
  strict: (value) => (typeof value === "boolean" ? undefined : "true or false"),
  env: (value) => (isRules(value) ? undefined : '{ ignore: ["CI_*"], count: ["MODEL_TOKEN"] }'),
  executor: oneOf("worker-thread", "in-process"),
  parallel: (value) => (Number.isInteger(value) && Number(value) > 0 ? undefined : "a whole number from 1"),
  durability: oneOf("process-crash", "power-loss"),
};

function checkConfig(value: unknown, where: string): Config {
  if (typeof value !== "object" || value === null || Array.isArray(value) || "then" in value)
    throw badConfig(where, "it is no object", "Write `export default defineConfig({ … })`.");
  for (const [name, given] of Object.entries(value)) {
    const check = isEntry(name) ? checks[name] : undefined;
    if (check === undefined) throw unknownEntry(where, name);
    const expected = given === undefined ? undefined : check(given);
    if (expected !== undefined)
      throw badConfig(where, `\`${name}\` is not ${expected}`, `Give \`${name}\` ${expected}.`);
  }
  return Object.freeze({ ...value });
}

function isEntry(name: string): name is keyof Config {
  return Object.hasOwn(checks, name);
}

function isText(value: unknown): boolean {
  return typeof value === "string";
}

function isRules(value: unknown): boolean {
  if (typeof value !== "object" || value === null || Array.isArray(value)) return false;
  return Object.entries(value).every(
    ([name, list]) => (name === "ignore" || name === "count") && Array.isArray(list) && list.every(isText),
  );
}

function isPolicy(value: unknown): boolean {
  if (value === "use" || value === "refresh" || value === "off") return true;
  if (typeof value !== "object" || value === null || !("ttl" in value)) return false;
  try {
    parseDuration(value.ttl as string);
    return true;
  } catch {
    return false;
  }
}

function unknownEntry(where: string, name: string): RepositoryError {
  const known = Object.keys(checks);
  const nearest = nearestName(name, known);
  const hint = nearest === undefined ? `Known are ${known.join(", ")}.` : `Did you mean \`${nearest}\`?`;
  return badConfig(where, `\`${name}\` is unknown`, hint);
}

function badConfig(where: string, what: string, hint: string): RepositoryError {
  return new RepositoryError("WS_BAD_CONFIG", { message: `The configuration (${where}) is not valid: ${what}.`, hint });
}
