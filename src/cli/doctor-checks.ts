import { execFile } from "node:child_process";
import { accessSync, constants, existsSync, readFileSync } from "node:fs";
import { statfs } from "node:fs/promises";
import path from "node:path";
import { promisify } from "node:util";
import { readTypeScriptOptions } from "../code-identity/typescript-options.ts";
import { WarmstartError } from "../errors.ts";
import { formatBytes } from "../materializer/builtin/stored-form.ts";
import { loadConfig } from "../repository/config.ts";
import { findProject } from "../repository/project-root.ts";
import { REPOSITORY_FORMAT } from "../repository/repository-layout.ts";
import type { CommandCall } from "./command-spec.ts";
import { plainLine } from "./format/plain-text.ts";
import { openRepository, repositoryFolder } from "./open-repository.ts";
import { releaseVersion } from "../util/release-version.ts";

/** One thing that was looked at. */
export interface Check {
  readonly name: string;
  readonly ok: boolean;
  readonly text: string;
  /** What to do, where something is wrong or could be better. */
  readonly hint?: string;
}

const LITTLE_SPACE = 100_000_000;
const GIT_LIMIT_MS = 3000;

/** Looks at everything that a run needs; makes nothing, and never throws for what it finds. */
export async function checkEverything(call: CommandCall): Promise<readonly Check[]> {
  const project = findProject(call.cwd);
  const found = [
    releaseCheck(),
    good("project", project.root),
    await configCheck(project.configFile),
    tsconfigCheck(project.root),
  ];
  return [...found, ...(await repositoryChecks(call)), timeZoneCheck(), await gitCheck(project.root)];
}

function good(name: string, text: string, hint?: string): Check {
  return { name, ok: true, text, ...(hint === undefined ? {} : { hint }) };
}

function bad(name: string, error: unknown): Check {
  const text = plainLine(error instanceof Error ? error.message : String(error));
  const hint = error instanceof WarmstartError ? error.hint : undefined;
  return { name, ok: false, text, ...(hint === undefined ? {} : { hint }) };
}

function releaseCheck(): Check {
  return good(
    "release",
    `warmstart ${releaseVersion()}, Node ${process.versions.node}, ${process.platform}-${process.arch}`,
  );
}

async function configCheck(file: string | undefined): Promise<Check> {
  if (file === undefined) return good("config", "none, and none is needed");
  try {
    const entries = Object.keys(await loadConfig(file));
    return good("config", `${path.basename(file)}: ${entries.length === 0 ? "empty" : entries.join(", ")}`);
  } catch (error) {
    return bad("config", error);
  }
}

function tsconfigCheck(root: string): Check {
  const { file, problem } = readTypeScriptOptions(root, () => undefined);
  if (problem === undefined) return good("tsconfig", file ?? "none: TypeScript's defaults are used");
  const hint = "Correct it, or install what it extends: until then its paths and options do not count.";
  return { name: "tsconfig", ok: false, text: `${file}: ${problem}`, hint };
}

async function repositoryChecks(call: CommandCall): Promise<readonly Check[]> {
  let folder: string;
  try {
    folder = await repositoryFolder(call);
  } catch (error) {
    return [bad("repository", error)];
  }
  const disk = await diskCheck(folder);
  if (!existsSync(folder)) return [newFolderCheck(folder), disk];
  return [writableCheck(folder), formatCheck(folder), await storesCheck(call), disk];
}

function newFolderCheck(folder: string): Check {
  const parent = existingParent(folder);
  const made = good("repository", `none yet; the first run makes ${folder}`);
  return isWritable(parent)
    ? made
    : bad("repository", new Error(`${folder} cannot be made: ${parent} may not be written to`));
}

function writableCheck(folder: string): Check {
  if (isWritable(folder)) return good("repository", folder);
  return {
    name: "repository",
    ok: false,
    text: `${folder} may not be written to`,
    hint: "Give this user the right to write there.",
  };
}

function formatCheck(folder: string): Check {
  try {
    const mark: unknown = JSON.parse(readFileSync(path.join(folder, "repository.json"), "utf8"));
    const format = typeof mark === "object" && mark !== null && "format" in mark ? String(mark.format) : "unknown";
    const known = Number(format) <= REPOSITORY_FORMAT;
    return { name: "format", ok: known, text: `${format}; this release knows up to ${REPOSITORY_FORMAT}` };
  } catch (error) {
    return bad("format", error);
  }
}

async function storesCheck(call: CommandCall): Promise<Check> {
  try {
    await using repository = await openRepository(call);
    const [latest] = (await repository.queries.runs({ limit: 1 })).items;
    return good(
      "stores",
      latest === undefined ? "open, no run yet" : `open, ${latest.id} ${latest.id === 1 ? "run" : "runs"} so far`,
    );
  } catch (error) {
    return bad("stores", error);
  }
}

async function diskCheck(folder: string): Promise<Check> {
  try {
    const { bavail, bsize } = await statfs(existingParent(folder));
    const free = bavail * bsize;
    const hint = free < LITTLE_SPACE ? { hint: "Free some space: a run that cannot store its results fails." } : {};
    return { name: "disk", ok: free >= LITTLE_SPACE, text: `${formatBytes(free)} free`, ...hint };
  } catch (error) {
    return bad("disk", error);
  }
}

function timeZoneCheck(): Check {
  return good("time zone", `${Intl.DateTimeFormat().resolvedOptions().timeZone}, counted in keys of steps that use it`);
}

async function gitCheck(root: string): Promise<Check> {
  try {
    const { stdout } = await promisify(execFile)("git", ["rev-parse", "--abbrev-ref", "HEAD"], {
      cwd: root,
      timeout: GIT_LIMIT_MS,
    });
    return good("git", `on ${plainLine(stdout)}; recorded with every run`);
  } catch {
    return good("git", "none here, and none is needed");
  }
}

function existingParent(folder: string): string {
  const parent = path.dirname(folder);
  return existsSync(folder) || parent === folder ? folder : existingParent(parent);
}

function isWritable(folder: string): boolean {
  try {
    accessSync(folder, constants.W_OK);
    return true;
  } catch {
    return false;
  }
}
