import path from "node:path";
import { isObserved } from "./own-work.ts";
import type { ThreadEnvironment } from "./thread-environment.ts";
import type { ThreadReads } from "./thread-reads.ts";
import { pathOf } from "./call-arguments.ts";
import { replace } from "./replaced-function.ts";

/**
 * `process.loadEnvFile` reads natively, so it is told of here. While modules are evaluated its bytes do not count: what
 * it sets counts by name then, as everything does that was set before the step began.
 */
export function observeEnvironmentFiles(reads: ThreadReads, environment: ThreadEnvironment): void {
  replace(process, "loadEnvFile", (original) => (self, args) => {
    if (isObserved() && environment.inStep) reads.read({ path: fileOf(args[0]), kind: "content" });
    try {
      return Reflect.apply(original, self, args);
    } finally {
      environment.changed();
    }
  });
}

function fileOf(given: unknown): string {
  try {
    return pathOf(given ?? ".env") ?? path.resolve(".env");
  } catch {
    return path.resolve(".env");
  }
}
