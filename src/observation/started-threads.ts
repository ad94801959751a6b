import { fileURLToPath } from "node:url";
import nodeModule from "node:module";
import path from "node:path";
import workerThreads from "node:worker_threads";
import { beforeCall, beforeNew } from "./before-call.ts";
import type { ActivitySubject, ThreadActivity } from "./thread-activity.ts";

/**
 * Notes every thread that this thread starts, by its file: what it reads is not told to us. Hooks that are registered for
 * a thread of their own change what other modules are.
 */
export function observeStartedThreads(activity: ThreadActivity): void {
  beforeCall(nodeModule, "register", (args) => activity.note("thread", subjectOf(args)));
  beforeNew(workerThreads, "Worker", (args) => activity.note("thread", subjectOf(args)));
}

function subjectOf([source, options]: readonly unknown[]): ActivitySubject {
  const { eval: evaluated } = (options ?? {}) as { readonly eval?: unknown };
  const text = source instanceof URL ? source.href : String(source);
  if (Boolean(evaluated) || text.startsWith("data:")) return { kind: "name", name: "eval" };
  if (text.startsWith("file:")) return { kind: "file", file: fileURLToPath(text) };
  return { kind: "file", file: path.resolve(text) };
}
