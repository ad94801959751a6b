import { existsSync } from "node:fs";
import path from "node:path";
import { manifestAt } from "../code-identity/package-manifest.ts";

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

/** A package.json that cannot be read declares nothing; whoever needs it says what is wrong with it. */
function workspacePatterns(folder: string): readonly string[] {
  const { workspaces } = manifestAt(path.join(folder, "package.json"));
  const list: unknown = Array.isArray(workspaces) ? workspaces : Object(workspaces).packages;
  return Array.isArray(list) ? list.filter((pattern) => typeof pattern === "string") : [];
}
