import { registerHooks } from "node:module";
import type { LoadFnOutput, LoadHookContext, ResolveFnOutput, ResolveHookContext } from "node:module";
import { noteFailedImport } from "./failed-import.ts";
import { resolveProjectImport } from "./module-resolution.ts";
import { isObserved, unobserved } from "./own-work.ts";
import { loadProjectSource } from "./project-source.ts";
import { threadObservation } from "./thread-observation.ts";

const key = Symbol.for("warmstart.module-hooks");

type NextResolve = (specifier: string, context?: Partial<ResolveHookContext>) => ResolveFnOutput;
type NextLoad = (url: string, context?: Partial<LoadHookContext>) => LoadFnOutput;

/**
 * Makes this thread load project sources as an ordinary TypeScript project means them, and stamps each of them in
 * `loadedModules()` with the digest of the very bytes that are evaluated.
 *
 * Only modules imported afterwards pass through it, so it must run before the user's first module is imported. Once per
 * thread: a second copy of the package finds that it is done. Packages and Warmstart itself load as Node loads them.
 *
 * @example
 * installModuleHooks();
 * await import("./pipelines/flights.ts"); // enums, `paths`, extensionless imports, decorators and JSX work
 */
export function installModuleHooks(): void {
  if (Reflect.has(globalThis, key)) return;
  Reflect.set(globalThis, key, true);
  registerHooks({
    resolve: (specifier: string, context: ResolveHookContext, next: NextResolve): ResolveFnOutput =>
      resolved(specifier, context, next),
    load: (url: string, context: LoadHookContext, next: NextLoad): LoadFnOutput =>
      unobserved(() => loadProjectSource(url, context, next)),
  });
}

function resolved(specifier: string, context: ResolveHookContext, next: NextResolve): ResolveFnOutput {
  try {
    return unobserved(() => {
      threadObservation()?.imports.note(specifier, context.parentURL);
      return resolveProjectImport(specifier, context, next);
    });
  } catch (error) {
    const reads = isObserved() ? threadObservation()?.reads : undefined;
    if (reads !== undefined) noteFailedImport(specifier, context.parentURL, error, reads);
    throw error;
  }
}
