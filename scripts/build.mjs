// Makes dist/ of src/: the declarations by tsc, which checks the types too, and the JavaScript by bundle.mjs. The new
// folder is built aside and swapped in, so that a failed build leaves the last one and no file of a deleted source stays
// behind. With --if-needed nothing is done when the sources are unchanged.
import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { chmodSync, existsSync, globSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { bundle } from "./bundle.mjs";

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const dist = join(root, "dist");
const stamp = join(root, "node_modules", ".warmstart-build");

function sourcesDigest() {
  const hash = createHash("sha256");
  const settings = ["package-lock.json", "tsconfig.json", "tsconfig.build.json", "scripts/bundle.mjs"];
  for (const name of [...settings, ...globSync("src/**/*", { cwd: root }).sort()]) {
    if (name.startsWith("src") && !name.endsWith(".ts")) continue;
    const bytes = readFileSync(join(root, name));
    hash.update(`${name}\0${bytes.length}\0`).update(bytes);
  }
  return hash.digest("hex");
}

async function compile() {
  const aside = join(root, `dist.${process.pid}`);
  try {
    const tsc = join(root, "node_modules", "typescript", "bin", "tsc");
    const args = [tsc, "-p", "tsconfig.build.json", "--outDir", aside];
    const done = spawnSync(process.execPath, args, { cwd: root, stdio: "inherit" });
    if (done.error) throw done.error;
    if (done.status !== 0) return false;
    await bundle(root, aside);
    const command = join(aside, "cli", "main.js");
    if (existsSync(command)) chmodSync(command, 0o755);
    rmSync(dist, { recursive: true, force: true });
    renameSync(aside, dist);
    return true;
  } finally {
    rmSync(aside, { recursive: true, force: true });
  }
}

const digest = sourcesDigest();
const known = existsSync(dist) && existsSync(stamp) ? readFileSync(stamp, "utf8") : undefined;
if (known !== digest || !process.argv.includes("--if-needed")) {
  if (process.argv.includes("--if-needed")) process.stderr.write("build: the sources changed: compiling src to dist\n");
  if (await compile()) writeFileSync(stamp, digest);
  else process.exitCode = 1;
}
