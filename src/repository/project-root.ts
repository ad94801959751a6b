import { existsSync, readFileSync } from "node:fs";
import path from "node:path";

/** Names of the configuration file, in the order in which they are looked for. */
const CONFIG_FILES = [
  "warmstart.config.ts",
  "warmstart.config.mts",
  "warmstart.config.js",
  "warmstart.config.mjs",
] as const;

export interface ProjectPlace {
  /** Absolute path of the project's root. */
  readonly root: string;
  /** Absolute path of the configuration file, where there is one. */
  readonly configFile: string | undefined;
}

/**
 * The project that a folder belongs to: the folder of the nearest `warmstart.config.ts`, else the workspace's root,
 * else the folder of the nearest package.json, else the folder itself.
 */
export function findProject(from: string): ProjectPlace {
  const folders = ancestors(path.resolve(from));
  for (const folder of folders) {
    const configFile = CONFIG_FILES.map((name) => path.join(folder, name)).find((file) => existsSync(file));
    if (configFile !== undefined) return { root: folder, configFile };
  }
  const packages = folders.filter((folder) => existsSync(path.join(folder, "package.json")));
  const [nearest] = packages;
  if (nearest === undefined) return { root: path.resolve(from), configFile: undefined };
  const workspace = packages.find((folder) => isWorkspaceOf(folder, nearest));
  return { root: workspace ?? nearest, configFile: undefined };
}

function ancestors(folder: string): readonly string[] {
  const parent = path.dirname(folder);
  return parent === folder ? [folder] : [folder, ...ancestors(parent)];
}

/** Whether a folder declares a workspace that reaches down to a member. */
function isWorkspaceOf(folder: string, member: string): boolean {
  if (existsSync(path.join(folder, "pnpm-workspace.yaml"))) return true;
  const relative = path.relative(folder, member).split(path.sep).join("/");
  return workspacePatterns(folder).some((pattern) => relative === "" || path.matchesGlob(relative, pattern));
}

function workspacePatterns(folder: string): readonly string[] {
  try {
    const parsed: unknown = JSON.parse(readFileSync(path.join(folder, "package.json"), "utf8"));
    if (typeof parsed !== "object" || parsed === null || !("workspaces" in parsed)) return [];
    const { workspaces } = parsed;
    const list = Array.isArray(workspaces) ? workspaces : Object(workspaces).packages;
    return Array.isArray(list) ? list.filter((pattern) => typeof pattern === "string") : [];
  } catch {
    // A package.json that cannot be read declares nothing; whoever needs it says what is wrong with it.
    return [];
  }
}
