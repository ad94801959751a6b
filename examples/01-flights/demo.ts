import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { existsSync, rmSync } from "node:fs";
import { join, relative } from "node:path";
import type { Part } from "./demo/closing-table.ts";
import { closingTable, saved, seconds, styled } from "./demo/closing-table.ts";
import { readSteps } from "./demo/run-document.ts";

const root = join(import.meta.dirname, "../..");
const program = join(root, "dist/cli/main.js");
const folder = relative(root, import.meta.dirname);
const repository = join(folder, ".warmstart");
const env = { ...process.env, WARMSTART_REPOSITORY: join(root, repository) };

const tour = [
  {
    heading: "cold",
    say: "Nothing is stored yet: three million flights are imported, joined, split, learnt from and judged.",
    command: ["run", `${folder}/flights.ts`],
  },
  {
    heading: "again",
    say: "The same again. Nothing changed, so nothing runs, and no engine is even loaded.",
    command: ["run", `${folder}/flights.ts`],
  },
  {
    heading: "learning rate",
    say: "Another learning rate. Only the trainer, and what reads its model, has to run.",
    command: ["run", `${folder}/flights.ts`, "--param", "learningRate=0.003"],
  },
  {
    heading: "other pipeline",
    say: "Another pipeline, which was never run. It begins with the same steps, so they are already there.",
    command: ["run", `${folder}/delays-by-airport.ts`],
  },
] as const;

/** Runs the command line tool as a person would, with this terminal as its own; gives the seconds that it took. */
async function runCommand(command: readonly string[]): Promise<number> {
  console.log(styled("bold", `$ npx warmstart ${command.join(" ")}`));
  const begun = performance.now();
  const child = spawn(process.execPath, [program, ...command], { cwd: root, env, stdio: "inherit" });
  const [code] = (await once(child, "exit")) as [number | null];
  if (code !== 0) throw new Error(`warmstart ${command.join(" ")} ended with ${code ?? "a signal"}`);
  return (performance.now() - begun) / 1000;
}

/** What the repository recorded about a run. It was empty before the tour, so its runs count from 1. */
function recorded(run: number): ReturnType<typeof readSteps> {
  const shown = spawnSync(process.execPath, [program, "show", String(run), "--json"], {
    cwd: root,
    env,
    encoding: "utf8",
  });
  if (shown.status !== 0) throw new Error(`warmstart show ${run} --json failed:\n${shown.stderr}`);
  return readSteps(shown.stdout);
}

async function main(): Promise<void> {
  if (!existsSync(program)) throw new Error("Warmstart is not built yet: run `npm run demo` in the project's root.");
  rmSync(join(root, repository), { recursive: true, force: true });
  console.log(`Everything is kept in ${repository}, which starts empty.`);
  const parts: Part[] = [];
  for (const { heading, say, command } of tour) {
    console.log(`\n${styled("cyan", `${parts.length + 1}. ${say}`)}\n`);
    const took = await runCommand(command);
    parts.push({ heading, seconds: took, steps: recorded(parts.length + 1) });
  }
  const total = parts.reduce((sum, part) => sum + saved(part), 0);
  console.log(`\n${styled("cyan", "What was reused, what it saved, and why the rest was computed")}\n`);
  console.log(`${closingTable(parts)}\n`);
  console.log(`Reuse saved ${styled("bold", seconds(total))} in ${parts.length - 1} commands. Look further:\n`);
  console.log(`  export WARMSTART_REPOSITORY=${repository}`);
  console.log("  npx warmstart explain 3");
}

// Ctrl-C reaches the child too, which then ends in order; the demo ends after it.
process.on("SIGINT", () => {});

try {
  await main();
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
}
