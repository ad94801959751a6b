import { trustWord, trustWords, untrusted } from "../cache/cache-policy.ts";
import type { StepFinding } from "../executor/executor.ts";
import type { ErrorRecord } from "../model/execution.ts";
import { shownPath } from "../model/shown-path.ts";
import type { RunSession } from "./run-session.ts";
import type { ComputePlan } from "./step-plan.ts";
import { unseenOf } from "./step-publisher.ts";

const MOST_SHOWN = 20;

/** Whether a step may do only what is seen and declared: by its own word, else by the repository's. */
export function isStrict({ step }: ComputePlan, { policy }: RunSession): boolean {
  return step.options.strict ?? policy.repositoryStrict;
}

/**
 * Why a strict step fails that did its work: it did something out of sight that nobody vouched for, read what it did not
 * declare through its `ctx`, or left something behind. Undefined when it did nothing of that.
 */
export function strictError(
  plan: ComputePlan,
  result: StepFinding & { readonly refused?: string },
): ErrorRecord | undefined {
  const unseen = untrusted(unseenOf(plan, result), plan.trust);
  const written = result.effects.map((effect) => shownPath(effect.path));
  const deeds = [
    ...unseen.map((activity) => `${trustWord(activity)}${placeText(activity.at ?? activity.note)}`),
    ...result.undeclared.map((what) => `read ${what}`),
    ...written.map((file) => `wrote to ${file}`),
    ...result.warnings.map((text) => text.replace(/^(wrote to )project:/, "$1")),
    ...(result.refused === undefined ? [] : [result.refused]),
  ];
  if (deeds.length === 0) return undefined;
  const rest = deeds.length - MOST_SHOWN;
  const shown = rest > 0 ? [...deeds.slice(0, MOST_SHOWN), `and ${rest} more`] : deeds;
  return {
    name: "RunError",
    code: "WS_STRICT",
    message: `${plan.node.id} is strict, and did what was not declared:\n${shown.map((deed) => `  ${deed}`).join("\n")}`,
    hint: curesOf(trustWords(unseen), result, written),
  };
}

function curesOf(words: readonly string[], { undeclared, warnings }: StepFinding, written: readonly string[]): string {
  const trust = words.map((word) => JSON.stringify(word)).join(", ");
  return [
    ...(words.length === 0 ? [] : [`Vouch for it: trust: [${trust}].`]),
    ...(undeclared.length === 0 ? [] : ["Declare what is read: ctx.file(…), ctx.directory(…), ctx.env(…)."]),
    ...(written.length + warnings.length === 0 ? [] : ["Write below ctx.tempDirectory and return file(…)."]),
    "Or leave `strict` out.",
  ].join(" ");
}

function placeText(place: string | undefined): string {
  return place === undefined ? "" : ` (${place})`;
}
