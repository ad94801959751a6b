import { plainText } from "../format/plain-text.ts";
import type { Paint } from "../format/paint.ts";

/** Cuts what steps write into whole lines, each with its step's name before it. */
export class StepOutput {
  readonly #paint: Paint;
  readonly #open = new Map<string, string>();

  constructor(paint: Paint) {
    this.#paint = paint;
  }

  /** The lines that are whole now. */
  write(nodeId: string, stream: string, text: string): readonly string[] {
    const key = `${stream} ${nodeId}`;
    const lines = `${this.#open.get(key) ?? ""}${text}`.split("\n");
    this.#open.set(key, lines.pop() ?? "");
    return lines.map((line) => this.#line(nodeId, line));
  }

  /** What was left without a line's end, when a step ends. */
  end(nodeId: string): readonly string[] {
    return ["stdout", "stderr", "log"].flatMap((stream) => {
      const key = `${stream} ${nodeId}`;
      const rest = this.#open.get(key) ?? "";
      this.#open.delete(key);
      return rest === "" ? [] : [this.#line(nodeId, rest)];
    });
  }

  #line(nodeId: string, line: string): string {
    return `${this.#paint("dim", `[${nodeId}]`)} ${plainText(line)}`;
  }
}
