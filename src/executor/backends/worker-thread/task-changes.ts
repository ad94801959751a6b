import { isSameList } from "../../../util/same-list.ts";
import type { StepTask } from "../../executor.ts";

/** What crosses to a thread of a task: whatever it did not get with the task before. */
export interface TaskChanges {
  readonly changed: Partial<StepTask>;
  /** Names of what the task before had, and this one has not. */
  readonly gone: readonly string[];
}

/**
 * What a task holds that the one before did not. Most of it is the program's and the run's, and is the same for all steps
 * that follow each other in a thread. Equal are the same values and objects, and lists of them: a task is never changed.
 */
export function changesOf(before: StepTask | undefined, task: StepTask): TaskChanges {
  if (before === undefined) return { changed: task, gone: [] };
  const known = new Map<string, unknown>(Object.entries(before));
  const changed = Object.entries(task).filter(([name, value]) => !known.has(name) || !isSame(known.get(name), value));
  return { changed: Object.fromEntries(changed), gone: [...known.keys()].filter((name) => !Object.hasOwn(task, name)) };
}

/** The whole task again. */
export function withChanges(before: StepTask | undefined, { changed, gone }: TaskChanges): StepTask {
  const entries = Object.entries({ ...before, ...changed }).filter(([name]) => !gone.includes(name));
  // Whole, as the one whose changes they are.
  return Object.fromEntries(entries) as unknown as StepTask;
}

function isSame(a: unknown, b: unknown): boolean {
  return Object.is(a, b) || (Array.isArray(a) && Array.isArray(b) && isSameList(a, b));
}
