import { fileURLToPath } from "node:url";
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

/** Options with a value in the next argument, brought to the form `--name=value`. */
const spaced: Readonly<Record<string, string>> = {
  "--import": "--import",
  "--require": "--require",
  "-r": "--require",
  "--conditions": "--conditions",
  "-C": "--conditions",
};

/**
 * Our register module, then what a worker gets of the program's own Node options. Ours comes first and by `--require`,
 * which is done before any `--import`: what is preloaded before it could keep functions that nobody observes.
 */
export function workerExecArgv(execArgv: readonly string[]): string[] {
  const given = joinValues(execArgv).filter(
    (option) => allowed.some((form) => form.test(option)) && isOfNode(option) && !otherLoader.test(option),
  );
  return ["--no-warnings", `--require=${fileURLToPath(ownModule("observation/register"))}`, ...given];
}

/** The text of `NODE_OPTIONS` without what it preloads, which Node would do before anything of ours, and that apart. */
export function withoutPreloads(nodeOptions: string): {
  readonly options: string;
  readonly preloads: readonly string[];
} {
  const words = [...nodeOptions.matchAll(/(?:"(?:\\.|[^"\\])*"|[^\s"])+/g)].map(([word]) => word);
  const all = joinValues(words);
  const isPreload = (option: string): boolean => /^--(?:import|require)=/.test(option);
  return {
    options: all.filter((option) => !isPreload(option)).join(" "),
    preloads: all
      .filter(isPreload)
      .map((option) => option.replaceAll(/"((?:\\.|[^"\\])*)"/g, (_, text: string) => text.replaceAll(/\\(.)/g, "$1"))),
  };
}

/** Options of V8 hold for the whole process, and a thread that is given one does not start. */
function isOfNode(option: string): boolean {
  return process.allowedNodeEnvironmentFlags.has(option.replace(/=.*$/s, ""));
}

function joinValues(execArgv: readonly string[]): readonly string[] {
  const joined: string[] = [];
  for (let index = 0; index < execArgv.length; index++) {
    const option = execArgv[index] ?? "";
    const long = spaced[option];
    const equals = option.startsWith("-r=") || option.startsWith("-C=") ? spaced[option.slice(0, 2)] : undefined;
    if (equals !== undefined) joined.push(`${equals}=${option.slice(3)}`);
    else if (long === undefined) joined.push(option);
    else joined.push(`${long}=${execArgv[++index] ?? ""}`);
  }
  return joined;
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
