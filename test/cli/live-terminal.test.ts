import { spawnSync } from "node:child_process";
import path from "node:path";
import { afterAll, expect, test } from "vitest";
import { TestProject } from "../rig/project.ts";

const program = path.resolve(import.meta.dirname, "../../dist/cli/main.js");
const project = new TestProject({
  "live.ts": `import { setTimeout as sleep } from "node:timers/promises";
import { pipeline, step } from "warmstart";
const train = step("train", async ({ rounds }: { rounds: number }, ctx) => {
  for (let round = 1; round <= rounds; round++) {
    await sleep(20);
    ctx.progress(round, rounds);
    if (round === 20) console.log("half way");
  }
  return { rounds };
});
export default pipeline("live", () => ({ model: train({ rounds: 40 }) }));
`,
});
// util-linux's `script` gives a command a terminal of its own.
const hasScript = spawnSync("script", ["--version"], { encoding: "utf8" }).stdout?.includes("util-linux") === true;

afterAll(() => project[Symbol.dispose]());

/** What was written to the terminal, with ␛ for each escape. */
function onTerminal(line: string): string {
  const { NODE_OPTIONS: _, CI: __, NO_COLOR: ___, ...env } = process.env;
  const command = `stty cols 100 rows 30; "${process.execPath}" "${program}" ${line}`;
  const options = {
    cwd: project.folder,
    env: { ...env, TERM: "xterm-256color" },
    encoding: "utf8",
    timeout: 30_000,
  } as const;
  return spawnSync("script", ["-qec", command, "/dev/null"], options).stdout.replaceAll("\u001b", "␛");
}

test.skipIf(!hasScript)("at a terminal, what computes is redrawn, and what is over stays", () => {
  const cold = onTerminal("run live.ts");
  expect(cold).toMatch(/␛\[2K|␛\[\d*A/);
  expect(cold).toMatch(/running[\s\S]*█+░+ \d+\/40/);
  expect(cold).toMatch(/\[train\].* half way/);
  expect(cold).toMatch(/computed\S* first time +\S+ m?s {2}████████████ 40\/40/);
  expect(cold.lastIndexOf("␛[?25h")).toBeGreaterThan(cold.lastIndexOf("␛[?25l"));
  const warm = onTerminal("run live.ts");
  expect(warm).not.toMatch(/␛\[\?25l|␛\[2K/);
  expect(warm).toMatch(/train.*reused.*from run 1/);
});
