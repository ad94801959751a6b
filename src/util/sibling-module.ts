/**
 * The URL of a module beside another one of this package, whether it runs from its TypeScript sources or as built.
 *
 * @example siblingModule(import.meta.url, "./worker-main") // …/worker-main.ts beside sources, …/worker-main.js when built
 */
export function siblingModule(moduleUrl: string, relative: string): URL {
  const ending = /\.[cm]?ts(?:$|[?#])/.test(moduleUrl) ? ".ts" : ".js";
  return new URL(`${relative}${ending}`, moduleUrl);
}
