import { digestOf } from "../../encoding/digest.ts";
import type { Digest } from "../../encoding/digest.ts";

/**
 * The normalised tokens of one unit as one text, from which the tree could be read back: each token is a word that ends with
 * `;`, and whatever comes from the source is framed by its length. So two programs never share a text by accident.
 */
export class TokenText {
  #text = "";

  /** A word of ours: a kind of node, an operator's place. */
  word(word: string): void {
    this.#text += `${word};`;
  }

  /** How many entries follow. */
  count(count: number): void {
    this.#text += `[${count};`;
  }

  /** A text of the source: a name, a literal. */
  text(text: string): void {
    this.#text += `${text.length}:${text}`;
  }

  flag(flag: boolean): void {
    this.#text += flag ? "+" : "-";
  }

  /** A numbered thing: `L3` a local, `@2` a reference. */
  number(kind: string, number: number): void {
    this.#text += `${kind}${number};`;
  }

  digest(): Digest {
    if (this.#text.isWellFormed()) return digestOf(this.#text);
    // A lone surrogate has no UTF-8 form; no token begins with this mark.
    return digestOf(Buffer.from(`!${this.#text}`, "utf16le"));
  }
}
