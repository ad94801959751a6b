import { beforeCall, beforeNew } from "./before-call.ts";
import { isObserved } from "./own-work.ts";
import type { ThreadActivity } from "./thread-activity.ts";
import { isCalledByProject } from "./user-place.ts";

/**
 * Notes text that the project's own code evaluates, as `eval` in it is found by its source: such text may name anything.
 * In a package it is part of the package, by its version.
 */
export function observeEvaluatedText(activity: ThreadActivity): void {
  const vm = process.getBuiltinModule("node:vm");
  let noted = false;
  const tell = (): void => {
    if (noted || !isObserved() || !isCalledByProject()) return;
    noted = true;
    activity.name("code", "vm");
  };
  for (const name of ["runInThisContext", "runInContext", "runInNewContext", "compileFunction"])
    beforeCall(vm, name, tell);
  for (const name of ["Script", "SourceTextModule"]) beforeNew(vm, name, tell);
}

/** Notes who looks into running code, where everything can be seen and changed. */
export function observeInspector(activity: ThreadActivity): void {
  const { Session } = process.getBuiltinModule("node:inspector");
  for (const name of ["connect", "connectToMainThread"])
    beforeCall(Session.prototype, name, () => activity.name("code", "inspector"));
}
