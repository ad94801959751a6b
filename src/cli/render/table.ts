import { padText, textWidth } from "../format/text-width.ts";
import type { Paint } from "../format/paint.ts";

/** Lines of columns as wide as their widest cell, under a dim heading; the last column is left as it is. */
export function tableLines(
  heading: readonly string[],
  rows: readonly (readonly string[])[],
  paint: Paint,
): readonly string[] {
  const widths = heading.map((title, column) =>
    Math.max(textWidth(title), ...rows.map((row) => textWidth(row[column] ?? ""))),
  );
  const line = (cells: readonly string[]): string =>
    cells
      .map((cell, column) => (column === cells.length - 1 ? cell : padText(cell, widths[column] ?? 0)))
      .join("  ")
      .trimEnd();
  return [paint("dim", `  ${line(heading)}`), ...rows.map((row) => `  ${line(row)}`)];
}
