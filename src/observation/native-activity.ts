import { beforeCall } from "./before-call.ts";
import { isObserved } from "./own-work.ts";
import { isOwnUrl } from "./project-url.ts";
import type { ThreadActivity } from "./thread-activity.ts";

/**
 * Modules of Node that read and write in native code, where nobody sees it. WebAssembly is none of them: alone it is a
 * pure function of its bytes and of what it is handed, and it reaches the outside only through functions of JavaScript.
 */
const nativeBuiltins = new Set(["node:sqlite", "node:wasi"]);

/** Notes every addon that this thread loads, and what else leads past JavaScript. */
export function observeNativeCode(activity: ThreadActivity): void {
  beforeCall(process, "dlopen", ([module, file]) => {
    // What our hooks load to do their work is not the step's.
    if (!isObserved()) return;
    activity.note("native", { kind: "addon", file: String(file), importer: importerOf(module) });
  });
  for (const name of ["binding", "_linkedBinding"])
    beforeCall(process, name, () => activity.name("native", "process.binding"));
  beforeCall(process, "getBuiltinModule", ([name]) => noteBuiltin(String(name), undefined, activity));
}

/** Told by the hooks of whatever is imported or required, and by whom. */
export function noteBuiltin(specifier: string, parentUrl: string | undefined, activity: ThreadActivity): void {
  const name = specifier.startsWith("node:") ? specifier : `node:${specifier}`;
  if (!nativeBuiltins.has(name) || (parentUrl !== undefined && isOwnUrl(parentUrl))) return;
  activity.name("native", name);
}

function importerOf(module: unknown): string | undefined {
  const parent: unknown = typeof module === "object" && module !== null ? Reflect.get(module, "parent") : undefined;
  const file: unknown = typeof parent === "object" && parent !== null ? Reflect.get(parent, "filename") : undefined;
  return typeof file === "string" ? file : undefined;
}
