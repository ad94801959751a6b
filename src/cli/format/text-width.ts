import { stripVTControlCharacters } from "node:util";

const takesNoRoom = /^[\p{M}\p{Cf}\p{Cc}]$/u;

/** Code points that terminals draw two columns wide: East Asian scripts and pictures. */
const wide: readonly (readonly [number, number])[] = [
  [0x1100, 0x115f],
  [0x2e80, 0x303e],
  [0x3041, 0xa4cf],
  [0xac00, 0xd7a3],
  [0xf900, 0xfaff],
  [0xfe30, 0xfe6f],
  [0xff00, 0xff60],
  [0xffe0, 0xffe6],
  [0x1f300, 0x1f64f],
  [0x1f900, 0x1f9ff],
  [0x20000, 0x3fffd],
];
const onlyAscii = /^[\x20-\x7e]*$/;

/** How many columns a text takes on a terminal; colours take none. */
export function textWidth(text: string): number {
  if (onlyAscii.test(text)) return text.length;
  let width = 0;
  for (const character of stripVTControlCharacters(text)) width += characterWidth(character);
  return width;
}

/** Fills up with spaces to a number of columns. */
export function padText(text: string, columns: number): string {
  return text + " ".repeat(Math.max(0, columns - textWidth(text)));
}

/** Cuts a text without colours to a number of columns, ending in `…` where something was left out. */
export function cutText(text: string, columns: number): string {
  if (textWidth(text) <= columns) return text;
  let kept = "";
  let width = 0;
  for (const character of text) {
    width += characterWidth(character);
    if (width > columns - 1) break;
    kept += character;
  }
  return columns < 1 ? "" : `${kept}…`;
}

function characterWidth(character: string): number {
  if (takesNoRoom.test(character)) return 0;
  const code = character.codePointAt(0) ?? 0;
  return code >= 0x1100 && wide.some(([first, last]) => code >= first && code <= last) ? 2 : 1;
}
