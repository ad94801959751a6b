import { randomInt } from "node:crypto";
import { existsSync, readdirSync, readFileSync, renameSync, rmSync, symlinkSync, utimesSync } from "node:fs";
import { expect, test } from "vitest";
import { TestProject } from "../rig/project.ts";
import { Random } from "./random.ts";

const ROUNDS = 30;

/** The step reads a file that another one names, the names in a folder, and a variable. */
const files = {
  "pipeline.ts": `import { existsSync, readdirSync, readFileSync } from "node:fs";
    import { pipeline, step } from "warmstart";
    const work = step("work", () => {
      const name = readFileSync("pick.txt", "utf8").trim();
      const text = existsSync(name) ? readFileSync(name, "utf8") : "none";
      return { name, text, parts: readdirSync("parts").toSorted(), mode: process.env.READ_MODE ?? "none" };
    });
    export default pipeline("p", () => ({ out: work() }));`,
  "pick.txt": "a.txt",
  "a.txt": "1",
  "b.txt": "2",
  "parts/one": "x",
  "unrelated.txt": "x",
};

interface World {
  readonly project: TestProject;
  readonly environment: Record<string, string>;
}

/** What the step would see, read here without Warmstart. */
function truthOf({ project, environment }: World): object {
  const name = readFileSync(project.path("pick.txt"), "utf8").trim();
  const file = project.path(name);
  const text = existsSync(file) ? readFileSync(file, "utf8") : "none";
  const parts = readdirSync(project.path("parts")).toSorted();
  return { name, text, parts, mode: environment["READ_MODE"] ?? "none" };
}

type Edit = (world: World, random: Random) => void;

const data = ["a.txt", "b.txt", "c.txt"] as const;

const edits: Readonly<Record<string, Edit>> = {
  "other bytes": ({ project }, random) => project.write({ [random.pick(data)]: String(random.below(3)) }),
  "same bytes again": ({ project }) => project.write({ "pick.txt": readFileSync(project.path("pick.txt"), "utf8") }),
  "another time": ({ project }, random) => {
    const at = random.below(1_000_000);
    utimesSync(project.path("pick.txt"), at, at);
  },
  "file removed": ({ project }, random) => rmSync(project.path(random.pick(data)), { force: true }),
  "another file picked": ({ project }, random) => project.write({ "pick.txt": random.pick(data) }),
  "layout of the pick": ({ project }, random) =>
    project.write({ "pick.txt": random.pick(data) + random.pick(["", "\n"] as const) }),
  "name added": ({ project }, random) => project.write({ [`parts/${random.below(4)}`]: "x" }),
  "name removed": ({ project }, random) => rmSync(project.path(`parts/${random.below(4)}`), { force: true }),
  "content behind a name": ({ project }, random) => project.write({ "parts/one": String(random.below(9)) }),
  "file in place of another": ({ project }) => {
    project.write({ "swap.tmp": readFileSync(project.path("pick.txt"), "utf8") });
    renameSync(project.path("swap.tmp"), project.path("pick.txt"));
  },
  "link in place of a file": ({ project }, random) => {
    rmSync(project.path("c.txt"), { force: true });
    symlinkSync(random.pick(["a.txt", "b.txt"] as const), project.path("c.txt"));
  },
  variable: ({ environment }, random) => void (environment["READ_MODE"] = random.pick(["x", "y"] as const)),
  "variable removed": ({ environment }) => void delete environment["READ_MODE"],
  "unrelated variable": ({ environment }, random) => void (environment["OTHER"] = String(random.below(9))),
  "unrelated file": ({ project }, random) => project.write({ "unrelated.txt": String(random.below(9)) }),
};

interface ReadTally {
  readonly stale: string[];
  readonly needless: string[];
  computed: number;
}

async function mutateReads(seed: number, rounds: number): Promise<ReadTally> {
  const random = new Random(seed);
  using project = new TestProject(files);
  const world: World = { project, environment: {} };
  const tally: ReadTally = { stale: [], needless: [], computed: 0 };
  const seen = new Set<string>();
  for (let round = 0; round < rounds; round++) {
    const kind = random.pick(Object.keys(edits));
    edits[kind]?.(world, random);
    const truth = JSON.stringify(truthOf(world));
    const { computed, outputs } = await project.drive({ env: world.environment });
    tally.computed += computed.length;
    if (JSON.stringify(outputs["out"]?.value) !== truth) tally.stale.push(`${round} ${kind}`);
    // The pick counts by its bytes, of which the step sees a part.
    const asked = readFileSync(project.path("pick.txt"), "utf8") + truth;
    if (computed.length > 0 && seen.has(asked)) tally.needless.push(`${round} ${kind}`);
    seen.add(asked);
  }
  return tally;
}

test("edits of files, folders, links and variables: never a stale hit, and what was seen before is a hit", async () => {
  const { stale, needless, computed } = await mutateReads(20_261, ROUNDS);
  expect(stale).toEqual([]);
  expect(needless).toEqual([]);
  expect(computed).toBeGreaterThan(5);
}, 180_000);

test("edits that were never tried before, which only report", async ({ annotate }) => {
  const seed = randomInt(2 ** 31);
  const { stale, needless, computed } = await mutateReads(seed, 8);
  await annotate(JSON.stringify({ seed, computed, stale, needless }));
}, 120_000);
