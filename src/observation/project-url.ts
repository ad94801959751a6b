import { fileURLToPath } from "node:url";

const ownFolder = new URL("..", import.meta.url).href;

/** Whether a URL names a file of Warmstart itself. */
export function isOwnUrl(url: string): boolean {
  return url.startsWith(ownFolder);
}

/** The path of a project file; undefined for packages, Warmstart itself and everything that is no file. */
export function projectPathOf(url: string | undefined): string | undefined {
  if (url === undefined || !url.startsWith("file:") || isOwnUrl(url)) return undefined;
  const bare = url.replace(/[?#].*$/s, "");
  return bare.includes("/node_modules/") ? undefined : fileURLToPath(bare);
}
