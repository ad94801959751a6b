import { fileURLToPath } from "node:url";
import { ownCodeFolder } from "../util/own-code.ts";

/** Whether a URL names a file of Warmstart itself. */
export function isOwnUrl(url: string): boolean {
  return url.startsWith(ownCodeFolder);
}

/** The path of a project file; undefined for packages, Warmstart itself and everything that is no file. */
export function projectPathOf(url: string | undefined): string | undefined {
  if (url === undefined || !url.startsWith("file:") || isOwnUrl(url)) return undefined;
  const bare = url.replace(/[?#].*$/s, "");
  return bare.includes("/node_modules/") ? undefined : fileURLToPath(bare);
}
