import { readFileSync } from "node:fs";
import path from "node:path";
import { expect } from "vitest";
import { TestProject } from "../rig/project.ts";

const page = path.resolve(import.meta.dirname, "../../docs/when-is-my-step-reused.md");

/** A first program of a new user: run by the command line, as a user runs it. */
export class FirstProgram extends TestProject {
  /** The lines of `warmstart run pipeline.ts` without those that only say that something goes on. */
  async run(env: Readonly<Record<string, string>> = {}, ...args: readonly string[]): Promise<readonly string[]> {
    return this.say(["run", "pipeline.ts", ...args], env);
  }

  async say(args: readonly string[], env: Readonly<Record<string, string>> = {}): Promise<readonly string[]> {
    const { exitCode, stdout, stderr } = await this.cli(args, { env: { COLUMNS: "140", CI: "", ...env } });
    expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: "" });
    return linesOf(stdout).filter((line) => !/^ *◌|^Made the repository|^$/.test(line));
  }
}

/** Times and the width of columns differ from run to run. */
function linesOf(text: string): readonly string[] {
  return text.split("\n").map((line) =>
    line
      .replaceAll(/\d{4}-\d\d-\d\dT[\d:.]+Z/g, "# time")
      .replaceAll(/\d+(?:\.\d+)? (?:ms|s|min|h)\b/g, "# s")
      .replaceAll(/(?<=\S) {2,}/g, "  ")
      .trimEnd(),
  );
}

/** What was printed is what the page shows, word for word: these lines, one after the other. */
export function expectInDocs(lines: readonly string[]): void {
  expect(linesOf(readFileSync(page, "utf8")).join("\n")).toContain(lines.join("\n"));
}

export const reused = (step: string): RegExp => new RegExp(`^ *✔ ${step}  reused `);
export const computed = (step: string, why: string): string => `  ● ${step}  computed ${why}  # s`;
