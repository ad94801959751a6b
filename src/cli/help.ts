import { COMMANDS } from "./command-table.ts";
import type { CommandSpec, OptionSpec } from "./command-spec.ts";
import { EXIT_CODE_MEANINGS } from "./exit-codes.ts";
import type { Paint } from "./format/paint.ts";

/** The first page of help. */
export function programHelp(paint: Paint): string {
  return [
    `${paint("bold", "warmstart")} runs pipelines of TypeScript functions and never computes the same thing twice.`,
    "",
    "  warmstart run [FILE] [--param name=value]",
    "",
    heading("Commands", paint),
    ...rows(COMMANDS.map(({ name, summary }) => [name, summary])),
    "",
    heading("Everywhere", paint),
    ...rows([
      ["--json", "one JSON document on standard output"],
      ["--help", "help, with examples: warmstart run --help"],
      ["--version", "the release"],
    ]),
    "",
    ...exitCodes(paint),
    "",
    "Colours follow NO_COLOR and FORCE_COLOR.",
  ].join("\n");
}

/** The help of one command. */
export function commandHelp(spec: CommandSpec, paint: Paint): string {
  const args = spec.arguments.map(({ name, optional }) => (optional === true ? `[${name}]` : name));
  const usage = ["warmstart", spec.name, ...args, ...(spec.options.length > 0 ? ["[options]"] : [])].join(" ");
  return [
    `${paint("bold", usage)}: ${spec.summary}`,
    "",
    ...section(
      "Arguments",
      spec.arguments.map(({ name, help }) => [name, help]),
      paint,
    ),
    ...section(
      "Options",
      spec.options.map((option) => [optionText(option), option.help]),
      paint,
    ),
    heading("Examples", paint),
    ...spec.examples.flatMap(([line, meaning]) => [`  ${line}`, paint("dim", `      ${meaning}`)]),
    "",
    ...exitCodes(paint),
  ].join("\n");
}

function section(title: string, lines: readonly (readonly [string, string])[], paint: Paint): readonly string[] {
  return lines.length === 0 ? [] : [heading(title, paint), ...rows(lines), ""];
}

function exitCodes(paint: Paint): readonly string[] {
  return [heading("Exit codes", paint), ...rows(EXIT_CODE_MEANINGS.map(([code, meaning]) => [String(code), meaning]))];
}

function optionText({ name, value }: OptionSpec): string {
  return value === undefined ? `--${name}` : `--${name} ${value}`;
}

function heading(title: string, paint: Paint): string {
  return paint("bold", title);
}

function rows(lines: readonly (readonly [string, string])[]): readonly string[] {
  const width = Math.max(...lines.map(([left]) => left.length));
  return lines.map(([left, right]) => `  ${left.padEnd(width)}  ${right}`);
}
