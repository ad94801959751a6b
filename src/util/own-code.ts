/**
 * The folder of Warmstart's code, as a URL that ends in `/`: `src/` where the sources run, `dist/` as built. The build
 * joins modules into chunks, so the place of a module's own file says nothing about any other module.
 */
export const ownCodeFolder: string =
  /^.*\/(?:src|dist)\//s.exec(import.meta.url)?.[0] ?? new URL(".", import.meta.url).href;

/** The folder of Warmstart's package.json, as a URL that ends in `/`. */
export const ownPackageFolder: string = new URL("..", ownCodeFolder).href;

const ending = /\.ts(?:$|[?#])/.test(import.meta.url) ? ".ts" : ".js";

/**
 * The URL of one of Warmstart's modules that has a file of its own also when built, which are the entries that
 * `scripts/build.mjs` names.
 *
 * @example ownModule("observation/register") // …/src/observation/register.ts, …/dist/observation/register.js when built
 */
export function ownModule(name: string): URL {
  return new URL(`${name}${ending}`, ownCodeFolder);
}
