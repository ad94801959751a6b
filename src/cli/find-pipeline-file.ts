import { existsSync, readdirSync, statSync } from "node:fs";
import path from "node:path";
import { findProject } from "../repository/project-root.ts";
import { didYouMean, usageError } from "./usage-error.ts";

const isModule = /\.[cm]?[jt]sx?$/;
const isNoPipeline = /\.(?:test|spec|d)\.[cm]?[jt]sx?$/;
const FOLDER = "pipelines";

/**
 * Absolute path of the pipeline's module: the one that was typed, or else the only one in `pipelines/` of the working
 * directory or of the project.
 *
 * @throws RepositoryError (`WS_USAGE`) naming the candidates.
 */
export function findPipelineFile(typed: string | undefined, cwd: string): string {
  if (typed === undefined) return onlyPipelineFile(cwd);
  const file = path.resolve(cwd, typed);
  if (isFile(file)) return file;
  const what = existsSync(file) ? "is a folder" : "does not exist";
  throw usageError(
    `${typed} ${what}.`,
    didYouMean(typed, nearbyFiles(file, cwd), "Give the file that exports the pipeline."),
  );
}

/** Whether what was typed means a module: it ends like one, or there is such a file. */
export function isPipelineFile(typed: string, cwd: string): boolean {
  return isModule.test(typed) || (typed.includes("/") && isFile(path.resolve(cwd, typed)));
}

function onlyPipelineFile(cwd: string): string {
  const folders = [...new Set([cwd, findProject(cwd).root])].map((folder) => path.join(folder, FOLDER));
  const files = folders.map(modulesIn).find((found) => found.length > 0) ?? [];
  const [file] = files;
  if (file !== undefined && files.length === 1) return file;
  if (file === undefined) {
    throw usageError(
      `There is no ${FOLDER}/ folder with a pipeline in it, and no file was given.`,
      "`warmstart init` writes a first pipeline; or give a file: path/to/pipeline.ts.",
    );
  }
  const lines = files.map((candidate) => `\n    ${path.relative(cwd, candidate)}`);
  throw usageError(`Which pipeline? ${FOLDER}/ has ${files.length} files.`, `Name one of them:${lines.join("")}`);
}

function modulesIn(folder: string): readonly string[] {
  if (!existsSync(folder)) return [];
  const names = readdirSync(folder).filter((name) => isModule.test(name) && !isNoPipeline.test(name));
  return names.sort().map((name) => path.join(folder, name));
}

function isFile(file: string): boolean {
  return statSync(file, { throwIfNoEntry: false })?.isFile() === true;
}

/** Modules beside a file that does not exist and in `pipelines/`, written as they would be typed. */
function nearbyFiles(file: string, cwd: string): readonly string[] {
  const beside = isDirectory(path.dirname(file)) ? modulesIn(path.dirname(file)) : [];
  return [...beside, ...modulesIn(path.join(cwd, FOLDER))].map((candidate) => path.relative(cwd, candidate));
}

function isDirectory(folder: string): boolean {
  return statSync(folder, { throwIfNoEntry: false })?.isDirectory() === true;
}
