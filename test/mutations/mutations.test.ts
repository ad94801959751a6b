import { randomInt } from "node:crypto";
import { expect, test } from "vitest";
import { readPrograms } from "./programs.ts";
import { runSuite } from "./suite.ts";
import { describeFinding } from "./tally.ts";
import type { Tally } from "./tally.ts";

const LIMIT_MS = 300_000;

function found(tally: Tally, ...verdicts: readonly string[]): readonly string[] {
  return tally.findings.filter(({ verdict }) => verdicts.includes(verdict)).map(describeFinding);
}

test(
  "300 mutations of real programs: no stale hit",
  async () => {
    const tally = await runSuite({ programs: readPrograms(), seed: 20_261, count: 300, grain: "files" });
    expect(found(tally, "stale", "not equivalent")).toEqual([]);
    expect(tally.of("miss")).toBeGreaterThan(50);
  },
  LIMIT_MS,
);

test(
  "40 mutations that were never tried before, which only report",
  async ({ annotate }) => {
    const seed = randomInt(2 ** 31);
    const tally = await runSuite({ programs: readPrograms(), seed, count: 40, grain: "files" });
    const again = `node test/mutations/run.ts --count 40 --seed ${seed}`;
    await annotate([again, tally.summary(), ...found(tally, "stale", "not equivalent")].join("\n"));
  },
  LIMIT_MS,
);
