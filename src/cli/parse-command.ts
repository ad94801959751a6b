import { parseArgs } from "node:util";
import type { CommandSpec, OptionSpec } from "./command-spec.ts";
import type { ParsedCommand } from "./parsed-command.ts";
import { didYouMean, usageError } from "./usage-error.ts";

/**
 * Reads what was typed after the command's name.
 *
 * @throws RepositoryError (`WS_USAGE`) for an unknown option, a missing or unwanted value, too many or too few arguments.
 */
export function parseCommand(spec: CommandSpec, args: readonly string[]): ParsedCommand {
  const known = new Map(spec.options.map((option) => [option.name, option]));
  const options = spec.options.map(
    ({ name, value }) => [name, { type: value === undefined ? "boolean" : "string" }] as const,
  );
  const { tokens } = parseArgs({
    args: [...args],
    options: Object.fromEntries(options),
    allowPositionals: true,
    strict: false,
    tokens: true,
  });
  const given = new Map<string, string[]>();
  const positionals: string[] = [];
  for (const token of tokens) {
    if (token.kind === "positional") positionals.push(token.value);
    if (token.kind === "option") addOption(spec, known.get(token.name), token, given);
  }
  checkArguments(spec, positionals);
  return parsed(spec, positionals, given);
}

interface OptionToken {
  readonly rawName: string;
  readonly value?: string | undefined;
}

function addOption(
  spec: CommandSpec,
  option: OptionSpec | undefined,
  { rawName, value }: OptionToken,
  given: Map<string, string[]>,
): void {
  if (option === undefined) throw unknownOption(spec, rawName);
  const values = given.get(option.name) ?? [];
  if (option.value === undefined && value !== undefined)
    throw usageError(`${rawName} takes no value.`, `Write ${rawName} alone.`);
  if (option.value !== undefined && (value === undefined || value.startsWith("--")))
    throw usageError(`${rawName} needs a value.`, `Write ${rawName} ${option.value}.`);
  if (values.length > 0 && option.value !== undefined && option.repeatable !== true)
    throw usageError(`${rawName} is given twice.`, "Keep one of them.");
  given.set(option.name, [...values, value ?? ""]);
}

function unknownOption(spec: CommandSpec, rawName: string): Error {
  const known = spec.options.map(({ name }) => `--${name}`);
  const otherwise = `\`warmstart ${spec.name} --help\` lists the options.`;
  return usageError(`\`warmstart ${spec.name}\` has no option ${rawName}.`, didYouMean(rawName, known, otherwise));
}

function checkArguments(spec: CommandSpec, positionals: readonly string[]): void {
  const missing = spec.arguments[positionals.length];
  if (missing !== undefined && missing.optional !== true)
    throw usageError(`\`warmstart ${spec.name}\` needs ${missing.name}: ${missing.help}.`, helpHint(spec));
  const extra = positionals[spec.arguments.length];
  if (extra !== undefined)
    throw usageError(`\`${extra}\` is one argument too many for \`warmstart ${spec.name}\`.`, helpHint(spec));
}

function helpHint({ name }: CommandSpec): string {
  return `\`warmstart ${name} --help\` shows examples.`;
}

function parsed(
  { name: command }: CommandSpec,
  positionals: readonly string[],
  given: ReadonlyMap<string, readonly string[]>,
): ParsedCommand {
  const text = (name: string): string | undefined => given.get(name)?.[0];
  return {
    command,
    arguments: positionals,
    flag: (name) => given.has(name),
    text,
    texts: (name) => given.get(name) ?? [],
    count: (name) => countOf(name, text(name)),
  };
}

function countOf(name: string, text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  const value = Number(text);
  if (/^\d+$/.test(text) && Number.isSafeInteger(value) && value > 0) return value;
  throw usageError(`--${name} is \`${text}\`, which is no whole number from 1.`, `Write for example --${name} 4.`);
}
