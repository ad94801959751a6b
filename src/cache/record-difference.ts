/** One entry of a record that differs between two previews. */
export interface EntryDifference {
  readonly name: string;
  readonly before: string;
  readonly after: string;
}

/**
 * The entries in which two previews of records differ, where that can be told for sure: both are whole (nothing was cut
 * short) and have the same names in the same order. Undefined otherwise; then the previews themselves say it.
 *
 * @example recordDifferences("{ rate: 0.1, seed: 1 }", "{ rate: 0.2, seed: 1 }") // [{ name: "rate", before: "0.1", after: "0.2" }]
 */
export function recordDifferences(before: string, after: string): readonly EntryDifference[] | undefined {
  const [left, right] = [entriesOf(before), entriesOf(after)];
  if (left === undefined || right?.length !== left.length) return undefined;
  const differing: EntryDifference[] = [];
  for (const [index, [name, value]] of left.entries()) {
    const [otherName, otherValue] = right[index] ?? ["", ""];
    if (name !== otherName) return undefined;
    if (value !== otherValue) differing.push({ name, before: value, after: otherValue });
  }
  return differing.length === 0 ? undefined : differing;
}

/** Names and texts of a preview's entries; undefined for what is no record shown whole. */
function entriesOf(preview: string): readonly (readonly [name: string, value: string])[] | undefined {
  if (!preview.startsWith("{ ") || !preview.endsWith(" }") || preview.includes("…")) return undefined;
  const entries = splitAtTop(preview.slice(2, -2)).map((entry) => /^([\w$]+): (.*)$/s.exec(entry));
  if (entries.some((entry) => entry === null)) return undefined;
  return entries.map((entry) => [entry?.[1] ?? "", entry?.[2] ?? ""]);
}

/** Splits at the commas that stand in no bracket and no text. */
function splitAtTop(text: string): readonly string[] {
  const parts: string[] = [];
  let [start, depth, quote] = [0, 0, ""];
  for (let index = 0; index < text.length; index++) {
    const letter = text[index] ?? "";
    if (quote !== "") {
      if (letter === "\\") index++;
      else if (letter === quote) quote = "";
    } else if (letter === '"' || letter === "'" || letter === "`") quote = letter;
    else if ("{[(<".includes(letter)) depth++;
    else if ("}])>".includes(letter)) depth--;
    else if (depth === 0 && text.startsWith(", ", index)) {
      parts.push(text.slice(start, index));
      start = index + 2;
    }
  }
  return [...parts, text.slice(start)];
}
