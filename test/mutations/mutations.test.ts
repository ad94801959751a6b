import { randomInt } from "node:crypto";
import { expect, test } from "vitest";
import { readPrograms } from "./programs.ts";
import { runSuite } from "./suite.ts";
import { describeFinding } from "./tally.ts";
import type { Tally, Verdict } from "./tally.ts";

const LIMIT_MS = 300_000;

function found(tally: Tally, ...verdicts: readonly Verdict[]): readonly string[] {
  return tally.findings.filter(({ verdict }) => verdicts.includes(verdict)).map(describeFinding);
}

test(
  "300 mutations of real programs: no stale hit, next to no needless miss, and misses that name what was edited",
  async ({ annotate }) => {
    const tally = await runSuite({ programs: readPrograms(), seed: 20_261, count: 300, grain: "symbols" });
    await annotate([tally.summary(), ...found(tally, "needless", "unexplained")].join("\n"));
    expect(found(tally, "stale", "not equivalent")).toEqual([]);
    expect(tally.of("miss")).toBeGreaterThan(50);
    expect(tally.needlessShare).toBeLessThanOrEqual(0.01);
    expect(tally.of("unexplained")).toBeLessThanOrEqual(tally.of("miss") / 100);
  },
  LIMIT_MS,
);

test(
  "mutations that were never tried before, which only report",
  async ({ annotate }) => {
    const seed = randomInt(2 ** 31);
    const programs = readPrograms(["plugins", "table", "toml"]);
    const tally = await runSuite({ programs, seed, count: 40, grain: "symbols" });
    const again = `node test/mutations/run.ts --programs plugins,table,toml --count 40 --seed ${seed}`;
    const surprises = found(tally, "stale", "not equivalent", "needless", "unexplained");
    await annotate([again, tally.summary(), ...surprises].join("\n"));
  },
  LIMIT_MS,
);
