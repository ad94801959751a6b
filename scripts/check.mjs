// Everything that has to hold before a change is accepted, in the order in which it is cheapest to find out.
// The last line on stdout is always "N passed, N failed, N skipped": every vitest test and every other check counts one.
import { spawn } from "node:child_process";
import { globSync, mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const scratch = mkdtempSync(join(tmpdir(), "warmstart-check-"));
const vitestReport = join(scratch, "vitest.json");
const bin = (packageName, path) => join(root, "node_modules", packageName, path);
const reportTo = (path) => `--outputFile.json=${path}`;
const tarball = () => join(scratch, readdirSync(scratch).find((name) => name.endsWith(".tgz")) ?? "no-tarball");

/** Examples and benchmarks are type-checked as users' code is: against the built package, under their own settings. */
const dependants = globSync(["examples/*/tsconfig.json", "benchmarks/tsconfig.json"], { cwd: root }).map(dirname);

/** A check is a Node program; `after` names the check without which it has nothing to look at. */
const checks = [
  {
    name: "format",
    quick: true,
    run: () => [bin("@biomejs/biome", "bin/biome"), "format", "--colors=off", "--max-diagnostics=200"],
  },
  { name: "lint", quick: true, run: () => [bin("oxlint", "bin/oxlint"), "--deny-warnings", "--format=unix"] },
  { name: "types", quick: true, run: () => [bin("typescript", "bin/tsc"), "-p", "tsconfig.json"] },
  { name: "build", run: () => [join(root, "scripts/build.mjs")] },
  ...dependants.map((folder) => ({
    name: `types of ${basename(folder)}`,
    after: "build",
    run: () => [bin("typescript", "bin/tsc"), "--noEmit", "-p", join(root, folder)],
  })),
  { name: "dead code", run: () => [bin("knip", "bin/knip.js"), "--no-progress", "--no-config-hints"] },
  {
    name: "tests",
    live: true,
    run: () => [bin("vitest", "vitest.mjs"), "run", "--reporter=default", "--reporter=json", reportTo(vitestReport)],
  },
  {
    name: "pack",
    after: "build",
    run: () => ["npm", "pack", "--silent", "--ignore-scripts", "--pack-destination", scratch],
  },
  { name: "package", after: "pack", run: () => [bin("publint", "src/cli.js"), "run", tarball(), "--strict"] },
  {
    name: "package types",
    after: "pack",
    run: () => [bin("@arethetypeswrong/cli", "dist/index.js"), tarball(), "--profile", "esm-only", "--no-emoji"],
  },
];

let current;

/** Runs one command; a live one prints as it goes, the output of the others is kept for when they fail. */
function execute(command, live) {
  const [program, ...args] = command[0] === "npm" ? command : [process.execPath, ...command];
  return new Promise((resolve) => {
    const child = spawn(program, args, { cwd: root, stdio: live ? ["ignore", "inherit", "inherit"] : "pipe" });
    let output = "";
    current = child;
    for (const stream of [child.stdout, child.stderr])
      stream?.setEncoding("utf8").on("data", (text) => (output += text));
    child.on("error", (error) => resolve({ ok: false, output: `${output}${error.message}\n` }));
    child.on("close", (code) => resolve({ ok: code === 0, output }));
  });
}

/** What vitest counted. A run that fails without a failing test (a file that does not load) is one failure. */
function countTests(ok) {
  let report;
  try {
    report = JSON.parse(readFileSync(vitestReport, "utf8"));
  } catch (error) {
    process.stdout.write(`vitest left no report: ${error.message}\n`);
    return { passed: 0, failed: 1, skipped: 0 };
  }
  const { numPassedTests: passed, numFailedTests, numPendingTests, numTodoTests } = report;
  const failed = numFailedTests === 0 && !(ok && passed > 0) ? 1 : numFailedTests;
  return { passed, failed, skipped: numPendingTests + numTodoTests };
}

async function main(quick) {
  const total = { passed: 0, failed: 0, skipped: 0 };
  const good = new Set();
  for (const check of checks.filter((one) => one.quick || !quick)) {
    if (check.after && !good.has(check.after)) {
      process.stdout.write(`- ${check.name}: skipped, because "${check.after}" did not pass\n`);
      total.skipped += 1;
      continue;
    }
    const started = performance.now();
    const { ok, output } = await execute(check.run(), check.live);
    const seconds = ((performance.now() - started) / 1000).toFixed(1);
    if (ok) good.add(check.name);
    else process.stdout.write(output ?? "");
    process.stdout.write(`${ok ? "✔" : "✘"} ${check.name.padEnd(20)} ${seconds} s\n`);
    const count = check.name === "tests" ? countTests(ok) : { passed: Number(ok), failed: Number(!ok), skipped: 0 };
    for (const key of Object.keys(total)) total[key] += count[key];
  }
  process.stdout.write(`${total.passed} passed, ${total.failed} failed, ${total.skipped} skipped\n`);
  return total.failed === 0 ? 0 : 1;
}

for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"]) {
  process.on(signal, () => {
    current?.kill(signal);
    rmSync(scratch, { recursive: true, force: true });
    process.exit(130);
  });
}

try {
  process.exitCode = await main(process.argv.includes("--quick"));
} finally {
  rmSync(scratch, { recursive: true, force: true });
}
