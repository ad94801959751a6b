import type { OutputDifference } from "../../repository/output-differences.ts";
import type { ValueDifference } from "../../repository/value-differences.ts";
import { plainLine } from "../format/plain-text.ts";

/** What differs in the outputs of a step: a line for each place, the stored value before the new one. */
export function outputDifferenceLines(outputs: readonly OutputDifference[]): readonly string[] {
  return outputs.flatMap((output) => {
    const name = outputs.length > 1 || output.output !== "output" ? `${output.output}: ` : "";
    const note = output.note === undefined ? [] : [`${name}${plainLine(output.note)}`];
    const more = output.more ? [`${name}and more`] : [];
    return [...output.differences.map((difference) => `${name}${placeText(difference)}`), ...note, ...more];
  });
}

function placeText({ path, before, after }: ValueDifference): string {
  const where = path === "" ? "" : `${plainLine(path)}: `;
  if (before === undefined) return `${where}${plainLine(after ?? "")} is new`;
  return after === undefined
    ? `${where}${plainLine(before)} is gone`
    : `${where}${plainLine(before)} → ${plainLine(after)}`;
}
