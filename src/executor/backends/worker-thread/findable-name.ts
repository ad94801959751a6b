import { realpathSync } from "node:fs";
import path from "node:path";
import { createRootedPaths } from "../../../code-identity/rooted-path.ts";
import type { RootedPaths } from "../../../code-identity/rooted-path.ts";
import { realPathOf } from "../../../observation/place-name.ts";

/**
 * Names by which another process finds what was read. A package that the project does not find by its name alone, since
 * another package has it for itself, is a folder of the project.
 */
export function findableNames(paths: RootedPaths, projectRoot: string): (absolutePath: string) => string {
  const elsewhere = createRootedPaths({ projectRoot });
  const project = realpathSync.native(projectRoot);
  return (absolutePath) => {
    const name = paths.nameOf(absolutePath);
    if (!name.startsWith("package:")) return name;
    const real = realPathOf(absolutePath);
    if (elsewhere.pathOf(name) === real) return name;
    return `project:${path.relative(project, real).split(path.sep).join("/")}`;
  };
}
