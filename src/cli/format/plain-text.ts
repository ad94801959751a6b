import { stripVTControlCharacters } from "node:util";

/** Everything that a terminal would obey instead of show, line breaks and tabs left alone. */
const controls = /[\p{Cc}\p{Bidi_Control}\u2028\u2029]/gu;

/** Text of somebody else (a step's output, an error's message), safe to print: it cannot move the cursor or hide a line. */
export function plainText(text: string): string {
  return stripVTControlCharacters(text)
    .replaceAll("\r\n", "\n")
    .replace(controls, (character) => (character === "\n" || character === "\t" ? character : ""));
}

/** The same in one line. */
export function plainLine(text: string): string {
  return plainText(text)
    .replace(/\s*\n\s*/g, " ")
    .trim();
}
