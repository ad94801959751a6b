import { describe, expect, test } from "vitest";
import { COMMANDS } from "../../src/cli/command-table.ts";
import type { CommandSpec } from "../../src/cli/command-spec.ts";
import { exitCodeOf } from "../../src/cli/exit-codes.ts";
import { commandHelp, programHelp } from "../../src/cli/help.ts";
import { parseCommand } from "../../src/cli/parse-command.ts";
import { RepositoryError, WarmstartError } from "../../src/errors.ts";

const paint = (_style: string, text: string): string => text;

function command(name: string): CommandSpec {
  const spec = COMMANDS.find((candidate) => candidate.name === name);
  if (spec === undefined) throw new Error(`no command ${name}`);
  return spec;
}

function errorOf(name: string, args: readonly string[]): string {
  try {
    const parsed = parseCommand(command(name), args);
    parsed.count("parallel");
  } catch (error) {
    if (error instanceof RepositoryError && error.code === "WS_USAGE") return `${error.message} ${error.hint ?? ""}`;
    throw error;
  }
  throw new Error("it was taken");
}

describe("a command line", () => {
  test("is read in any order, with = or without", () => {
    const parsed = parseCommand(command("run"), [
      "--param",
      "a=-1",
      "f.ts",
      "--param=b=x=y",
      "--no-cache",
      "--parallel=4",
    ]);
    expect(parsed.arguments).toEqual(["f.ts"]);
    expect(parsed.texts("param")).toEqual(["a=-1", "b=x=y"]);
    expect(parsed.flag("no-cache")).toBe(true);
    expect(parsed.flag("json")).toBe(false);
    expect(parsed.count("parallel")).toBe(4);
  });

  test("takes what stands behind -- as arguments", () => {
    expect(parseCommand(command("run"), ["--", "--odd.ts"]).arguments).toEqual(["--odd.ts"]);
  });

  test.each([
    ["run", ["--parm", "a=1"], "`warmstart run` has no option --parm. Did you mean `--param`?"],
    ["run", ["-x"], "`warmstart run` has no option -x. `warmstart run --help` lists the options."],
    ["run", ["--no-cache=1"], "--no-cache takes no value. Write --no-cache alone."],
    ["run", ["--param"], "--param needs a value. Write --param NAME=VALUE."],
    ["run", ["--param", "--json"], "--param needs a value. Write --param NAME=VALUE."],
    ["run", ["--params", "a", "--params", "b"], "--params is given twice. Keep one of them."],
    [
      "run",
      ["a.ts", "b.ts"],
      "`b.ts` is one argument too many for `warmstart run`. `warmstart run --help` shows examples.",
    ],
    [
      "run",
      ["--parallel", "1e3"],
      "--parallel is `1e3`, which is no whole number from 1. Write for example --parallel 4.",
    ],
    ["run", ["--parallel", "0"], "--parallel is `0`, which is no whole number from 1. Write for example --parallel 4."],
  ] as const)("%s %j is refused", (name, args, text) => {
    expect(errorOf(name, args)).toBe(text);
  });
});

describe("help", () => {
  test("names every command and every exit code", () => {
    const text = programHelp(paint);
    for (const { name } of COMMANDS) expect(text).toContain(`\n  ${name} `);
    for (const code of [0, 1, 2, 3, 4, 130]) expect(text).toMatch(new RegExp(`^  ${code} `, "m"));
  });

  test.each(COMMANDS.map(({ name }) => name))("of %s has its options and an example that can be typed", (name) => {
    const spec = command(name);
    const text = commandHelp(spec, paint);
    for (const option of spec.options) expect(text).toContain(`--${option.name}`);
    expect(spec.examples.length).toBeGreaterThan(0);
    for (const [line] of spec.examples) {
      const [program, first, ...args] = line.split(" ");
      expect([program, first]).toEqual(["warmstart", name]);
      parseCommand(spec, args);
    }
  });
});

test("exit codes follow what can be done about an error", () => {
  const code = (name: string): number => exitCodeOf(new WarmstartError(name, { message: "" }));
  expect(
    ["WS_STEP_FAILED", "WS_BAD_PARAMETER", "WS_MODULE_FAILED", "WS_READ_ONLY", "WS_WOULD_COMPUTE", "WS_ABORTED"].map(
      code,
    ),
  ).toEqual([1, 2, 2, 3, 4, 130]);
  expect(exitCodeOf(new Error("a builder threw"))).toBe(1);
});
