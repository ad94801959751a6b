const BLOT = "***";

/** A text with every secret blotted out, longer ones first, so that one inside another leaves no rest. */
export function redacted(text: string, secrets: readonly string[]): string {
  const redaction = new PiecewiseRedaction(secrets);
  return redaction.add(text) + redaction.end();
}

/**
 * Blots secrets out of a text that comes in pieces, also where one stands across pieces: an end that may be the
 * beginning of a secret is held back until more is known.
 */
export class PiecewiseRedaction {
  readonly #secrets: readonly string[];
  #held = "";

  constructor(secrets: readonly string[]) {
    this.#secrets = longestFirst(secrets);
  }

  /** What can be let out now. */
  add(piece: string): string {
    if (this.#secrets.length === 0) return piece;
    return this.#letOut(this.#held + piece, false);
  }

  /** What was held back, at the end. */
  end(): string {
    return this.#letOut(this.#held, true);
  }

  #letOut(text: string, whole: boolean): string {
    let out = "";
    let start = 0;
    for (let at = 0; at < text.length; ) {
      if (!whole && this.#secrets.some((secret) => beginsAt(text, at, secret))) {
        this.#held = text.slice(at);
        return out + text.slice(start, at);
      }
      const found = this.#secrets.find((secret) => text.startsWith(secret, at));
      if (found === undefined) at++;
      else {
        out += text.slice(start, at) + BLOT;
        at += found.length;
        start = at;
      }
    }
    this.#held = "";
    return out + text.slice(start);
  }
}

/** Whether the text ends at `at` with a beginning of the secret, and not with all of it. */
function beginsAt(text: string, at: number, secret: string): boolean {
  const length = text.length - at;
  return length < secret.length && secret.startsWith(text.slice(at));
}

function longestFirst(secrets: readonly string[]): readonly string[] {
  return secrets.filter((secret) => secret !== "").sort((a, b) => b.length - a.length);
}
