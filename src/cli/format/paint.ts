import { styleText } from "node:util";
import type { Writable } from "node:stream";

export type Style = "bold" | "dim" | "red" | "green" | "yellow" | "cyan";

/** Colours a text where the stream shows colours; `NO_COLOR` and `FORCE_COLOR` are obeyed. */
export type Paint = (style: Style, text: string) => string;

export function paintFor(stream: Writable): Paint {
  if (styleText("red", "x", { stream }) === "x") return (_style, text) => text;
  return (style, text) => styleText(style, text, { validateStream: false });
}
