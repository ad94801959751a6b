import { styleText } from "node:util";
import type { StepSummary } from "./run-document.ts";

/** One part of the tour: what was asked for, how long the whole command took, and what happened to each step. */
export interface Part {
  readonly heading: string;
  readonly seconds: number;
  readonly steps: readonly StepSummary[];
}

type Style = Parameters<typeof styleText>[0];

interface Cell {
  readonly text: string;
  readonly style?: Style;
}

/** A row per step and a column per part; below it the time of each command, and why steps were computed again. */
export function closingTable(parts: readonly Part[]): string {
  const names = [...new Set(parts.flatMap((part) => part.steps.map(({ step }) => step)))];
  const rows: Cell[][] = [
    [{ text: "" }, ...parts.map((part) => ({ text: part.heading, style: "bold" as Style }))],
    ...names.map((name) => [{ text: name }, ...parts.map((part) => outcome(part, name))]),
    [{ text: "" }],
    [{ text: "saved by reuse" }, ...parts.map((part) => ({ text: seconds(saved(part)), style: "green" as Style }))],
    [{ text: "whole command" }, ...parts.map((part) => ({ text: seconds(part.seconds), style: "bold" as Style }))],
  ];
  return `${align(rows)}\n\n${reasons(parts)}`;
}

/** Seconds that reuse saved in a part: what its reused steps took when they were computed. */
export function saved(part: Part): number {
  return part.steps.reduce((sum, step) => sum + (step.reused ? step.seconds : 0), 0);
}

export function seconds(value: number): string {
  return `${value.toFixed(value < 10 ? 2 : 1)} s`;
}

/** Colours text where standard output is a terminal and NO_COLOR is not set. */
export function styled(style: Style, text: string): string {
  return styleText(style, text, { stream: process.stdout });
}

function outcome(part: Part, name: string): Cell {
  const step = part.steps.find((candidate) => candidate.step === name);
  if (step === undefined) return { text: "–", style: "dim" };
  if (step.reused) return { text: "✔ reused", style: "green" };
  return { text: `● ${seconds(step.seconds)}`, style: "yellow" };
}

function align(rows: readonly (readonly Cell[])[]): string {
  const widths: number[] = [];
  for (const row of rows) {
    for (const [column, cell] of row.entries()) widths[column] = Math.max(widths[column] ?? 0, cell.text.length);
  }
  return rows
    .map((row) => `  ${row.map((cell, column) => padded(cell, widths[column] ?? 0)).join("   ")}`.trimEnd())
    .join("\n");
}

function padded({ text, style }: Cell, width: number): string {
  const filled = text.padEnd(width);
  return style === undefined ? filled : styled(style, filled);
}

/** Why steps were computed although something was there already; the first part had nothing to reuse. */
function reasons(parts: readonly Part[]): string {
  const lines = parts
    .slice(1)
    .flatMap((part) =>
      part.steps
        .filter((step) => !step.reused)
        .map((step) => `  ${part.heading}: ${step.step}  ${styled("dim", step.reason)}`),
    );
  return ["  Why steps were computed after the first part:", ...lines].join("\n");
}
