import type { ExplainedCode, ExplainedDifference } from "../../cache/explain-differences.ts";
import type { Paint, Style } from "../format/paint.ts";
import { plainLine, plainText } from "../format/plain-text.ts";

/** Lines of one piece's diff that are shown; `--json` has all of them. */
const MOST_DIFF_LINES = 24;
/** Differences of one step that are shown. */
const MOST_SHOWN = 40;

const signs = { added: "+", removed: "-", changed: "~" } as const;

/** Every difference on a line of its own, pieces of code with what became of their text. */
export function differenceLines(differences: readonly ExplainedDifference[], paint: Paint): readonly string[] {
  const shown = differences.slice(0, MOST_SHOWN).flatMap((difference) => linesOf(difference, paint));
  const rest = differences.length - MOST_SHOWN;
  return rest > 0 ? [...shown, `… and ${rest} more: --json has them all`] : shown;
}

function linesOf(difference: ExplainedDifference, paint: Paint): readonly string[] {
  const { kind, text, code } = difference;
  if (code !== undefined) return code.flatMap((piece) => codeLines(piece, paint));
  return [`${signs[kind]} ${plainLine(text)}${detailOf(difference)}`];
}

function detailOf({ madeBy, readAt }: ExplainedDifference): string {
  if (madeBy !== undefined) {
    const how = madeBy.state === "CACHED" ? "reused" : "computed";
    const what = madeBy.reason.startsWith("reused ") ? madeBy.reason : `${how}: ${madeBy.reason}`;
    return `, made by ${madeBy.node} in run ${madeBy.run} (${plainLine(what)})`;
  }
  return readAt === undefined ? "" : `, read at ${readAt.map(plainLine).join(", ")}`;
}

function codeLines({ kind, text, diff }: ExplainedCode, paint: Paint): readonly string[] {
  const shown = diff.slice(0, MOST_DIFF_LINES).map((line) => `      ${diffLine(line, paint)}`);
  const rest = diff.length - MOST_DIFF_LINES;
  const more = rest > 0 ? [paint("dim", `      … ${rest} more lines: --json has them all`)] : [];
  return [`${signs[kind]} ${plainLine(text)}`, ...shown, ...more];
}

const styles: Readonly<Record<string, Style>> = { "+": "green", "-": "red", "…": "dim" };

function diffLine(line: string, paint: Paint): string {
  const style = styles[line[0] ?? ""];
  const plain = plainText(line);
  return style === undefined ? plain : paint(style, plain);
}
