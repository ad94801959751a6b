import type { ParsedCommand } from "./parsed-command.ts";
import type { Terminal } from "./terminal.ts";

export interface OptionSpec {
  /** Without dashes. */
  readonly name: string;
  /** What the value is called in help; an option without one is a flag. */
  readonly value?: string;
  readonly repeatable?: boolean;
  readonly help: string;
}

export interface ArgumentSpec {
  readonly name: string;
  readonly optional?: boolean;
  readonly help: string;
}

/** What a command is given. */
export interface CommandCall {
  readonly parsed: ParsedCommand;
  readonly terminal: Terminal;
  /** The folder in which the command was typed. */
  readonly cwd: string;
}

/** Runs a command; gives the exit code. */
export type CommandRun = (call: CommandCall) => Promise<number>;

/** A command as data: its help and its parsing need no import of what it does. */
export interface CommandSpec {
  readonly name: string;
  /** One line for the list of commands. */
  readonly summary: string;
  readonly arguments: readonly ArgumentSpec[];
  readonly options: readonly OptionSpec[];
  /** Lines to be typed, and what they do. */
  readonly examples: readonly (readonly [string, string])[];
  load(): Promise<CommandRun>;
}
