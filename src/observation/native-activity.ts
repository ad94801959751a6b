import { beforeCall } from "./before-call.ts";
import { isObserved } from "./own-work.ts";
import type { ThreadActivity } from "./thread-activity.ts";

/** Notes every addon that this thread loads, and what else leads past JavaScript. */
export function observeNativeCode(activity: ThreadActivity): void {
  beforeCall(process, "dlopen", ([module, file]) => {
    // What our hooks load to do their work is not the step's.
    if (!isObserved()) return;
    activity.note("native", { kind: "addon", file: String(file), importer: importerOf(module) });
  });
  for (const name of ["binding", "_linkedBinding"])
    beforeCall(process, name, () => activity.name("native", "process.binding"));
}

function importerOf(module: unknown): string | undefined {
  const parent: unknown = typeof module === "object" && module !== null ? Reflect.get(module, "parent") : undefined;
  const file: unknown = typeof parent === "object" && parent !== null ? Reflect.get(parent, "filename") : undefined;
  return typeof file === "string" ? file : undefined;
}
