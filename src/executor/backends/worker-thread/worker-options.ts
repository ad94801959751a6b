import { fileURLToPath } from "node:url";
import { joinOptionValues, nodeOptionWords, withoutQuotes } from "../../../util/node-options.ts";
import { ownModule } from "../../../util/own-code.ts";

/** Options of Node that a worker may be given and that change how modules are found or run. */
const allowed = [
  /^--conditions=/,
  /^--enable-source-maps$/,
  /^--preserve-symlinks/,
  /^--experimental-(?!loader|test|permission|strip|transform|config|default-config|package-map|shadow-realm)/,
  /^--no-experimental-/,
  /^--no-warnings$/,
  /^--disable-warning=/,
  /^--no-deprecation$/,
  /^--trace-(?:warnings|deprecation|uncaught|exit|sync-io|tls|promises|env)/,
  /^--unhandled-rejections=/,
  /^--import=/,
  /^--require=/,
];

/** Loaders of other tools: a step's thread loads sources through our own hooks. */
const otherLoader =
  /(?:^|[/=])(?:tsx|ts-node|@swc-node|@esbuild-kit|jiti|vite-node|vitest|@oxc-node|esbuild-register)(?:$|[/@])/;

/**
 * Our register module, then what a worker gets of the program's own Node options. Ours comes first and by `--require`,
 * which is done before any `--import`: what is preloaded before it could keep functions that nobody observes.
 */
export function workerExecArgv(execArgv: readonly string[]): string[] {
  const given = joinOptionValues(execArgv).filter(
    (option) => allowed.some((form) => form.test(option)) && isOfNode(option) && !otherLoader.test(option),
  );
  return ["--no-warnings", `--require=${fileURLToPath(ownModule("observation/register"))}`, ...given];
}

/** The text of `NODE_OPTIONS` without what it preloads, which Node would do before anything of ours, and that apart. */
export function withoutPreloads(nodeOptions: string): {
  readonly options: string;
  readonly preloads: readonly string[];
} {
  const all = joinOptionValues(nodeOptionWords(nodeOptions));
  const isPreload = (option: string): boolean => /^--(?:import|require)=/.test(option);
  return {
    options: all.filter((option) => !isPreload(option)).join(" "),
    preloads: all.filter(isPreload).map(withoutQuotes),
  };
}

/** Options of V8 hold for the whole process, and a thread that is given one does not start. */
function isOfNode(option: string): boolean {
  return process.allowedNodeEnvironmentFlags.has(option.replace(/=.*$/s, ""));
}

/** A copy of the environment as it is now. */
export function environmentSnapshot(): Readonly<Record<string, string>> {
  const entries = Object.entries(process.env).filter((entry): entry is [string, string] => entry[1] !== undefined);
  return Object.fromEntries(entries);
}

/** Whether an environment holds what it held at a snapshot. */
export function sameEnvironment(
  a: Readonly<Record<string, string>>,
  b: Readonly<Record<string, string | undefined>>,
): boolean {
  const names = Object.keys(a);
  return names.length === Object.keys(b).length && names.every((name) => a[name] === b[name]);
}
