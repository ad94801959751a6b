import { syncBuiltinESMExports } from "node:module";
import { beforeCall } from "./before-call.ts";
import { observeEvaluatedText, observeInspector } from "./evaluated-text.ts";
import { observeLookups } from "./network-activity.ts";
import { isOwnUrl } from "./project-url.ts";
import type { ThreadActivity } from "./thread-activity.ts";

/**
 * Modules of Node that read and write in native code, where nobody sees it. WebAssembly is none of them: alone it is a
 * pure function of its bytes and of what it is handed, and it reaches the outside only through functions of JavaScript.
 */
const nativeModules = new Set(["sqlite", "wasi"]);

/** What has to be observed in a module of Node that few programs ask for: not before it is asked for. */
const observers: ReadonlyMap<string, (activity: ThreadActivity) => void> = new Map([
  ["dns", observeLookups],
  ["dns/promises", observeLookups],
  ["vm", observeEvaluatedText],
  ["inspector", observeInspector],
  ["inspector/promises", observeInspector],
]);

/** The modules of Node that a thread asks for, by import, `require` or by name. */
export class BuiltinImports {
  readonly #activity: ThreadActivity;
  readonly #observed = new Set<(activity: ThreadActivity) => void>();

  constructor(activity: ThreadActivity) {
    this.#activity = activity;
    beforeCall(process, "getBuiltinModule", ([name]) => this.note(String(name), undefined));
  }

  /** Must be told before the module is handed out. */
  note(specifier: string, parentUrl: string | undefined): void {
    const name = specifier.startsWith("node:") ? specifier.slice("node:".length) : specifier;
    const observe = observers.get(name);
    if (observe !== undefined) this.#observe(observe);
    if (nativeModules.has(name) && (parentUrl === undefined || !isOwnUrl(parentUrl)))
      this.#activity.name("native", `node:${name}`);
  }

  #observe(observe: (activity: ThreadActivity) => void): void {
    if (this.#observed.has(observe)) return;
    this.#observed.add(observe);
    observe(this.#activity);
    syncBuiltinESMExports();
  }
}
