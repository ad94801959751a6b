// `npm run bench`: runs every benchmark, or those that are named, each in a process of its own, and prints a table.
import { fork } from "node:child_process";
import { cpus, loadavg, totalmem } from "node:os";
import path from "node:path";
import { parseArgs } from "node:util";
import type { Report } from "./measurement.ts";
import { tableOf } from "./table.ts";

const NAMES = [
  "encoding",
  "import-time",
  "open-repository",
  "code-identity",
  "graph",
  "warm-steps",
  "warm-process",
  "explain",
  "explain-history",
  "worker",
  "cold-fan",
  "observed-reads",
  "structured",
  "artifacts",
];

const USAGE = `Usage: npm run bench -- [name …] [--json] [--rounds N] [--cpu-prof FOLDER]
Benchmarks: ${NAMES.join(", ")}
`;

interface Settings {
  readonly rounds: string | undefined;
  readonly profiles: string | undefined;
}

function machine(): Readonly<Record<string, unknown>> {
  const [cpu, ...others] = cpus();
  return {
    node: process.version,
    platform: `${process.platform}-${process.arch}`,
    cpu: cpu?.model ?? "unknown",
    cpus: others.length + 1,
    memoryGb: Math.round(totalmem() / 2 ** 30),
    load: loadavg().map((load) => Number(load.toFixed(2))),
  };
}

function runInProcessOfItsOwn(name: string, { rounds, profiles }: Settings): Promise<Report> {
  const { promise, resolve, reject } = Promise.withResolvers<Report>();
  const profiling = profiles === undefined ? [] : ["--cpu-prof", `--cpu-prof-dir=${path.resolve(profiles, name)}`];
  const child = fork(path.join(import.meta.dirname, "run-one.ts"), [name, ...(rounds === undefined ? [] : [rounds])], {
    execArgv: ["--expose-gc", "--no-warnings", ...profiling],
    stdio: ["ignore", 2, 2, "ipc"],
  });
  let report: Report | undefined;
  child.on("message", (message) => (report = message as Report));
  child.on("error", reject);
  child.on("exit", (code, signal) => {
    if (code === 0 && report !== undefined) resolve(report);
    else reject(new Error(`the benchmark ${name} ended with ${signal ?? `exit code ${code}`}; its output is above`));
  });
  return promise;
}

/** One that fails is reported as such, and the others still run. */
async function reportOf(name: string, settings: Settings): Promise<Report> {
  try {
    return await runInProcessOfItsOwn(name, settings);
  } catch (error) {
    process.exitCode = 1;
    return { name, about: "", rows: [], notes: [`failed: ${error instanceof Error ? error.message : String(error)}`] };
  }
}

async function main(): Promise<void> {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: {
      json: { type: "boolean", default: false },
      rounds: { type: "string" },
      "cpu-prof": { type: "string" },
      help: { type: "boolean", default: false },
    },
  });
  const unknown = positionals.find((name) => !NAMES.includes(name));
  if (values.help || unknown !== undefined) {
    process.stdout.write(unknown === undefined ? USAGE : `There is no benchmark called ${unknown}.\n${USAGE}`);
    process.exitCode = unknown === undefined ? 0 : 2;
    return;
  }
  const here = machine();
  const reports: Report[] = [];
  if (!values.json)
    process.stdout.write(
      `${Object.entries(here)
        .map((entry) => entry.join(" "))
        .join(", ")}\n\n`,
    );
  for (const name of positionals.length === 0 ? NAMES : positionals) {
    const report = await reportOf(name, { rounds: values.rounds, profiles: values["cpu-prof"] });
    reports.push(report);
    if (!values.json) process.stdout.write(`${tableOf(report)}\n`);
  }
  if (values.json)
    process.stdout.write(`${JSON.stringify({ format: 1, machine: here, benchmarks: reports }, null, 2)}\n`);
}

await main();
