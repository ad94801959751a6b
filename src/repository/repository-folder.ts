import path from "node:path";
import type { Config } from "./config.ts";

/** Where a project's repository is or would be: what was chosen, else `WARMSTART_REPOSITORY`, the configuration, `.warmstart`. */
export function repositoryFolder(projectRoot: string, chosen: string | undefined, config: Config): string {
  const fromEnvironment = process.env["WARMSTART_REPOSITORY"];
  const named = chosen ?? (fromEnvironment === "" ? undefined : fromEnvironment) ?? config.repository;
  return path.resolve(projectRoot, named ?? ".warmstart");
}
