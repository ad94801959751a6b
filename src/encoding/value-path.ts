import { previewValue } from "./preview.ts";

/** Where an entry of a Map or Set is. */
export interface EntryStep {
  readonly at: "key" | "value" | "member";
  readonly index: number;
  readonly key: unknown;
}

/** One step from a container to what is in it: a property's name, a place in an array, or an entry. */
export type PathStep = string | number | EntryStep;

const identifier = /^[\p{ID_Start}$_][\p{ID_Continue}$]*$/u;

/** Writes a path the way a person would: `rates[2].when`, `["odd key"]`, `byName.get("late")`, `tags.values()[0]`. */
export function formatValuePath(root: string | undefined, steps: readonly PathStep[]): string {
  return steps.reduce<string>((path, step) => path + formatStep(step, path === ""), root ?? "");
}

function formatStep(step: PathStep, first: boolean): string {
  if (typeof step === "number") return `[${step}]`;
  if (typeof step !== "string") return formatEntry(step, first ? "" : ".");
  if (identifier.test(step)) return first ? step : `.${step}`;
  return `[${previewValue(step, 60)}]`;
}

function formatEntry(step: EntryStep, dot: string): string {
  if (step.at === "value") return `${dot}get(${previewValue(step.key, 40)})`;
  return step.at === "key" ? `${dot}keys()[${step.index}]` : `${dot}values()[${step.index}]`;
}
