import { COMMANDS } from "./command-table.ts";
import type { CommandSpec } from "./command-spec.ts";
import { EXIT_CODES, exitCodeOf } from "./exit-codes.ts";
import { writeDocument } from "./json-document.ts";
import { parseCommand } from "./parse-command.ts";
import { errorDocument, reportError } from "./report-error.ts";
import { keepStandardOutputClean, processTerminal } from "./terminal.ts";
import type { Terminal } from "./terminal.ts";
import { didYouMean, usageError } from "./usage-error.ts";

/** The whole process: runs the command that was typed, and ends with its exit code. */
export async function runProcess(): Promise<void> {
  const terminal = processTerminal();
  const code = await runProgram(process.argv.slice(2), terminal);
  await terminal.flushed();
  // What a pipeline's module left open (a timer, a server) must not keep the command from ending.
  process.exit(code);
}

/** Runs one command line; gives the exit code and never throws. */
async function runProgram(args: readonly string[], terminal: Terminal): Promise<number> {
  const json = args.includes("--json");
  if (json) keepStandardOutputClean();
  try {
    return await dispatch(args, terminal);
  } catch (error) {
    if (json) writeDocument(terminal, args[0] ?? "", { error: errorDocument(error) });
    reportError(error, terminal);
    return exitCodeOf(error);
  }
}

async function dispatch(args: readonly string[], terminal: Terminal): Promise<number> {
  const [first, ...rest] = args;
  const wantsHelp = args.includes("--help") || args.includes("-h");
  if (first === undefined || (first.startsWith("-") && wantsHelp)) return showHelp(undefined, terminal);
  if (first === "--version" || first === "-v") return showVersion(terminal);
  if (first === "help") return showHelp(rest[0], terminal);
  const spec = commandNamed(first);
  if (wantsHelp) return showHelp(first, terminal);
  const parsed = parseCommand(spec, rest);
  const run = await spec.load();
  return run({ parsed, terminal, cwd: process.cwd() });
}

function commandNamed(name: string): CommandSpec {
  const spec = COMMANDS.find((command) => command.name === name);
  if (spec !== undefined) return spec;
  if (name.startsWith("-"))
    throw usageError(`warmstart has no option ${name}.`, "`warmstart --help` shows the commands.");
  const otherwise = /\.[cm]?[jt]sx?$/.test(name)
    ? `Did you mean \`warmstart run ${name}\`?`
    : "`warmstart --help` lists the commands.";
  const names = COMMANDS.map((command) => command.name);
  throw usageError(`warmstart has no command \`${name}\`.`, didYouMean(name, names, otherwise));
}

async function showHelp(command: string | undefined, terminal: Terminal): Promise<number> {
  const { commandHelp, programHelp } = await import("./help.ts");
  terminal.out(
    command === undefined ? programHelp(terminal.paint) : commandHelp(commandNamed(command), terminal.paint),
  );
  return EXIT_CODES.ok;
}

async function showVersion(terminal: Terminal): Promise<number> {
  const { releaseVersion } = await import("../util/release-version.ts");
  terminal.out(releaseVersion());
  return EXIT_CODES.ok;
}
