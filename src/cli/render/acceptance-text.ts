import type { Acceptance } from "../../model/acceptance.ts";
import { plainLine } from "../format/plain-text.ts";
import { formatTime } from "../format/time.ts";

/** In a line about a reused step: `, accepted`, `, accepted UNVERIFIED`. */
export function acceptedMark(verified: Acceptance["verified"] | undefined): string {
  if (verified === undefined) return "";
  return { own: ", accepted", others: ", accepted on others' evidence", none: ", accepted UNVERIFIED" }[verified];
}

/** Who said that other code gives this result, when, and on what evidence; no lines where nobody did. */
export function acceptanceLines(accepted: Acceptance | undefined): readonly string[] {
  if (accepted === undefined) return [];
  const { by, at, code } = accepted;
  return [
    `computed by other code (${code.slice(0, 12)}); accepted as equivalent by ${plainLine(by)}, ${formatTime(at)}`,
    evidenceOf(accepted),
    ...accepted.evidence.executions.map(
      ({ id, outputs }) =>
        `compared: execution ${id}, ${outputs.map(({ name, digest }) => `${plainLine(name)} ${digest.slice(0, 12)}`).join(", ")}`,
    ),
  ];
}

function evidenceOf({ verified, evidence: { compared, adopted } }: Acceptance): string {
  if (verified === "own") return "the present code was run on its own inputs, and every output was equal by content";
  if (verified === "others")
    return `the present code was not run on its inputs, but on those of ${compared} others (${adopted} were adopted)`;
  return "UNVERIFIED: nobody has compared what the present code gives";
}
