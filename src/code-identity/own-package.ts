import { existsSync, realpathSync } from "node:fs";
import { dirname, join, relative, sep } from "node:path";
import { fileURLToPath } from "node:url";
import { ownPackageFolder } from "../util/own-code.ts";
import { manifestAt } from "./package-manifest.ts";
import { packageFolderOf } from "./rooted-path.ts";

const NAME = "warmstart";
const CODE_FOLDERS = new Set(["src", "dist"]);

/**
 * Tells Warmstart's own files, which are no part of any identity: a new release must not cost a recomputation. Below a
 * checkout of Warmstart only its code is meant, so that its examples and tests are projects like any other.
 */
export function createOwnPackage(init: {
  readonly projectRoot: string;
  readonly ownPackageRoot?: string;
}): (path: string) => boolean {
  const own = realpathSync.native(init.ownPackageRoot ?? fileURLToPath(ownPackageFolder));
  const project = existsSync(init.projectRoot) ? realpathSync.native(init.projectRoot) : init.projectRoot;
  const folders = new Map<string, string>();
  return (path) => {
    const installed = packageFolderOf(path);
    if (installed !== undefined) return installed.name === NAME || installed.folder === own;
    const root = memoize(folders, dirname(path), packageRootAbove);
    const isWarmstart = root === own || (root !== project && manifestAt(join(root, "package.json"))["name"] === NAME);
    return isWarmstart && CODE_FOLDERS.has(relative(root, path).split(sep)[0] ?? "");
  };
}

function packageRootAbove(folder: string): string {
  for (let at = folder; ; at = dirname(at)) {
    if (existsSync(join(at, "package.json")) || dirname(at) === at) return at;
  }
}

function memoize(known: Map<string, string>, key: string, compute: (key: string) => string): string {
  const value = known.get(key) ?? compute(key);
  known.set(key, value);
  return value;
}
