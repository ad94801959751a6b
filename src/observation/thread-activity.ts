import type { UnseenKind } from "../model/reads.ts";
import { isOwnWork, isStepWork } from "./own-work.ts";
import { userPlace } from "./user-place.ts";
import type { UserPlace } from "./user-place.ts";

/** What an activity is of: a name as it is, a file of a thread, or an addon with the file that asked for it. */
export type ActivitySubject =
  | { readonly kind: "name"; readonly name: string }
  | { readonly kind: "file"; readonly file: string }
  | { readonly kind: "addon"; readonly file: string; readonly importer: string | undefined };

/** Something that a thread did and that cannot be seen to change. */
export interface NotedActivity {
  readonly kind: UnseenKind;
  readonly subject: ActivitySubject;
  readonly place: UserPlace | undefined;
}

/**
 * What a thread does out of sight, from its first module on: sockets, programs, threads, native code. It is never
 * forgotten while the thread lives, so that a pooled socket or an addon that is there already hides nothing.
 */
export class ThreadActivity {
  readonly #noted = new Map<string, NotedActivity>();
  readonly #late = new Map<string, NotedActivity>();
  #settled = false;

  get noted(): readonly NotedActivity[] {
    return [...this.#noted.values()];
  }

  /** What was done after the step had settled. */
  get late(): readonly NotedActivity[] {
    return [...this.#late.values()];
  }

  /** The step has settled: what is done from now on is late. */
  settle(): void {
    this.#settled = true;
  }

  /** Another step begins, after one that left nothing. */
  resume(): void {
    this.#settled = false;
  }

  name(kind: UnseenKind, name: string): void {
    this.note(kind, { kind: "name", name });
  }

  note(kind: UnseenKind, subject: ActivitySubject): void {
    if (isOwnWork()) return;
    const list = this.#settled && !isStepWork() ? this.#late : this.#noted;
    const id = `${kind}:${subject.kind === "name" ? subject.name : subject.file}`;
    if (!list.has(id)) list.set(id, { kind, subject, place: userPlace() });
  }
}
