import type { CodeRemarks } from "../code-identity/code-identity.ts";
import type { ComputePlan } from "./step-plan.ts";

type Warning = CodeRemarks["warnings"][number];

/** What an executed step's code was found to do that no key holds. */
export type ShownRemarks = Pick<CodeRemarks, "warnings" | "environment" | "state"> & {
  /** Whether this code was not met before: what people were told once, they need not read in every run. */
  readonly isNew: boolean;
};

const MOST_PLACES = 20;

/**
 * They measure how long something took, for a log or a progress bar nearly always. Whoever looks at one step is shown them,
 * and a run is not: a warning that is usually wrong is one that nobody reads when it is right.
 */
const ELAPSED = new Set(["performance.now", "process.hrtime", "process.uptime"]);

/** Undefined where there is nothing to say. */
export function shownRemarks({ keyed, comparison, reason }: ComputePlan): ShownRemarks | undefined {
  if (keyed === undefined) return undefined;
  const { warnings, environment, state } = keyed.identity.remarks;
  if (warnings.length + environment.length + state.length === 0) return undefined;
  const otherCode = comparison?.differences.some(({ path: [head] }) => head === "code") ?? false;
  const isNew = reason.kind === "first-time" || otherCode;
  return { warnings, environment, state, isNew };
}

/**
 * `reads the clock and random numbers: model.ts:12 Date.now, model.ts:30 Math.random`; undefined when it reads neither. What
 * the locale, the time zone and the machine say is in the key, and needs no word.
 */
export function clockNotice(warnings: readonly Warning[], most: number = MOST_PLACES): string | undefined {
  const found = warnings.filter(({ kind }) => kind === "clock" || kind === "random");
  if (found.length === 0) return undefined;
  const what = [
    ...(found.some(({ kind }) => kind === "clock") ? ["the clock"] : []),
    ...(found.some(({ kind }) => kind === "random") ? ["random numbers"] : []),
  ];
  const places = found.slice(0, most).map(({ at, name }) => `${at} ${name}`);
  const rest = found.length > most ? ` and ${found.length - most} more` : "";
  return `reads ${what.join(" and ")}: ${places.join(", ")}${rest}`;
}

/** Warnings that a run names itself. */
export function tellingWarnings(warnings: readonly Warning[]): readonly Warning[] {
  return warnings.filter(({ name }) => !ELAPSED.has(name));
}

/** `mode.ts:3 mode is set at main.ts:20 while the program runs; …`, one for each variable. */
export function stateNotices(state: CodeRemarks["state"]): readonly string[] {
  const byVariable = Map.groupBy(state, ({ at, name }) => `${at} ${name}`);
  return [...byVariable].map(([variable, writes]) => {
    const places = [...new Set(writes.map(({ writtenAt }) => writtenAt))].slice(0, MOST_PLACES).join(", ");
    return `${variable} is set at ${places} while the program runs; the step's thread does not see that; make it a parameter`;
  });
}

/** As they are kept with an execution. */
export function recordedNotices(plan: ComputePlan): readonly string[] {
  if (plan.keyed === undefined) return [];
  const { warnings, state } = plan.keyed.identity.remarks;
  return [clockNotice(warnings) ?? [], stateNotices(state)].flat();
}
