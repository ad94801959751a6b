import type { Acceptance } from "../model/acceptance.ts";

const strength = { none: 0, others: 1, own: 2 } as const;

/** What is built upon something unverified is no better. */
export function weaker(left: Acceptance["verified"], right: Acceptance["verified"]): Acceptance["verified"] {
  return strength[left] <= strength[right] ? left : right;
}

/** As part of the reason that an adopted execution bears. */
export function evidenceText(verified: Acceptance["verified"]): string {
  if (verified === "own") return ", compared on its own inputs";
  return verified === "others" ? ", compared on other inputs only" : ", UNVERIFIED";
}

/** What nobody has looked at, in one sentence. */
export function riskOf(verified: readonly Acceptance["verified"][]): string {
  const count = (what: Acceptance["verified"]): number => verified.filter((one) => one === what).length;
  const [own, others, none] = [count("own"), count("others"), count("none")];
  if (verified.length === 0) return "Nothing was adopted, so nothing is at risk.";
  if (none > 0)
    return `Not compared: any of the ${none} adopted without a verified result behind it; if the new code differs, every later run is handed a wrong result.`;
  if (others > 0)
    return `Not compared: ${others} of ${own + others} adopted results, of which nobody knows what the new code gives on their inputs.`;
  return "Not compared: metrics and logs, what the step does unseen, and inputs that were never stored (those are computed).";
}
