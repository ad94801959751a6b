import { cutText, padText, textWidth } from "../format/text-width.ts";
import type { Paint, Style } from "../format/paint.ts";

/** One line about one step: `✔ load  reused  from run 14, 2 h ago  saved 21.4 s`. */
export interface StepRow {
  readonly symbol: string;
  readonly style: Style;
  readonly name: string;
  readonly verb: string;
  /** The reason or the origin, in one line. */
  readonly text: string;
  /** Durations, a progress bar. */
  readonly right: string;
}

export interface RowLayout {
  /** Columns of the widest name. */
  readonly nameWidth: number;
  /** Columns of the terminal. */
  readonly columns: number;
  /** Whether a line that is too long is cut rather than left to wrap: what is redrawn must be one line. */
  readonly cut: boolean;
  readonly paint: Paint;
}

const VERB_WIDTH = 8;
const TEXT_WIDTH = 30;
const MOST_NAME = 28;

/** Columns for names: as many as the longest needs, within reason. */
export function nameWidthOf(names: Iterable<string>): number {
  let width = 10;
  for (const name of names) width = Math.max(width, textWidth(name));
  return Math.min(width, MOST_NAME);
}

/** Lays a row out in columns; where the terminal is too narrow, the columns go before the words do. */
export function formatStepRow(row: StepRow, layout: RowLayout): string {
  const { nameWidth, columns, paint } = layout;
  const head = `${padText(row.name, nameWidth)}  ${padText(row.verb, VERB_WIDTH)} `;
  const room = columns - 4 - textWidth(head) - textWidth(row.right) - 2;
  const text = fitText(row.text, room, layout);
  const tail = row.right === "" ? text : `${text}  ${row.right}`;
  const line = layout.cut ? cutText(`${head}${tail}`, columns - 4) : `${head}${tail}`.trimEnd();
  return `  ${paint(row.style, row.symbol)} ${coloured(line, row, paint)}`;
}

function fitText(text: string, room: number, { cut }: RowLayout): string {
  if (room >= TEXT_WIDTH) return padText(textWidth(text) <= room || !cut ? text : cutText(text, room), TEXT_WIDTH);
  return cut ? cutText(text, Math.max(0, room)) : text;
}

/** The verb alone carries the colour, so that a line reads the same without it. */
function coloured(line: string, { name, verb, style }: StepRow, paint: Paint): string {
  const at = line.indexOf(verb, name.length);
  return at < 0 ? line : `${line.slice(0, at)}${paint(style, verb)}${line.slice(at + verb.length)}`;
}
