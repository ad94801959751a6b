import path from "node:path";
import { existsSync } from "node:fs";
import { RepositoryError } from "../errors.ts";
import { loadConfig } from "../repository/config.ts";
import { findProject } from "../repository/project-root.ts";
import { repositoryFolder as folderOf } from "../repository/repository-folder.ts";
import { Repository } from "../repository/repository.ts";
import type { CommandCall } from "./command-spec.ts";

/** Opens the project's repository, and makes it when there is none. */
export function openRepository(call: CommandCall): Promise<Repository> {
  const folder = folderOption(call);
  return Repository.open({ from: call.cwd, ...(folder === undefined ? {} : { folder }) });
}

/**
 * Opens a repository that must be there already: asking a question makes nothing.
 *
 * @throws RepositoryError (`WS_REPOSITORY_GONE`) when there is none.
 */
export async function openExistingRepository(call: CommandCall): Promise<Repository> {
  const folder = await repositoryFolder(call);
  if (existsSync(folder)) return openRepository(call);
  throw new RepositoryError("WS_REPOSITORY_GONE", {
    message: `There is no repository in ${folder}.`,
    hint: "`warmstart run` makes one; `--repository FOLDER` or WARMSTART_REPOSITORY names another.",
  });
}

/** Where the repository is or would be. */
export async function repositoryFolder(call: CommandCall): Promise<string> {
  const project = findProject(call.cwd);
  return folderOf(project.root, folderOption(call), await loadConfig(project.configFile));
}

function folderOption({ parsed, cwd }: CommandCall): string | undefined {
  const folder = parsed.text("repository");
  return folder === undefined ? undefined : path.resolve(cwd, folder);
}
