import type { Budget, Report, Row, Spread, Unit } from "./measurement.ts";

const HEADINGS = ["what", "ours", "floor", "ratio", "budget", "met?"] as const;

/** A report as a markdown table, which reads well in a terminal, too. */
export function tableOf({ name, about, rows, notes }: Report): string {
  const lines = rows.map(cellsOf);
  const widths = HEADINGS.map((heading, column) =>
    Math.max(heading.length, ...lines.map((cells) => cells[column]?.length ?? 0)),
  );
  const line = (cells: readonly string[]): string =>
    `| ${cells.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join(" | ")} |`;
  const rule = `|${widths.map((width) => "-".repeat(width + 2)).join("|")}|`;
  const table = rows.length === 0 ? [] : [line(HEADINGS), rule, ...lines.map(line)];
  return [`### ${name}`, "", about, "", ...table, ...notes.map((note) => `- ${note}`), ""].join("\n");
}

function cellsOf({ what, unit, ours, floor, ratio, budget }: Row): readonly string[] {
  return [
    what,
    spread(ours, unit),
    floor === undefined ? "–" : `${spread(floor, unit)} ${floor.name}`,
    ratio === undefined ? "–" : `${rounded(ratio)}×`,
    budget === undefined ? "–" : budgetText(budget, unit),
    budget === undefined ? "–" : budget.met ? "yes" : "NO",
  ];
}

function spread({ median, min, max, rounds }: Spread, unit: Unit): string {
  return rounds === 1 ? amount(median, unit) : `${amount(median, unit)} (${amount(min, unit)}–${amount(max, unit)})`;
}

function budgetText({ kind, limit }: Budget, unit: Unit): string {
  if (kind === "ratio") return `≤ ${limit}×`;
  return kind === "over-floor" ? `≤ ${amount(limit, unit)} over it` : `≤ ${amount(limit, unit)}`;
}

/** Three digits and the unit in which they are easiest to read. */
function amount(value: number, unit: Unit): string {
  if (unit === "MB") return `${rounded(value)} MB`;
  if (value < 1) return `${rounded(value * 1000)} µs`;
  return value < 1000 ? `${rounded(value)} ms` : `${rounded(value / 1000)} s`;
}

function rounded(value: number): string {
  return value >= 100 ? value.toFixed(0) : String(Number(value.toPrecision(3)));
}
