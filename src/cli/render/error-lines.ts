import type { ErrorRecord } from "../../model/execution.ts";
import type { Paint } from "../format/paint.ts";
import { plainLine, plainText } from "../format/plain-text.ts";
import { userFrames } from "../own-frames.ts";

const MOST_FRAMES = 3;

/** Why a step failed: the error, where in people's own files it happened, and what to do next. */
export function errorLines({ name, message, stack, hint }: ErrorRecord, paint: Paint): readonly string[] {
  const text = plainText(`${name}: ${message}`).trimEnd();
  const frames = userFrames(stack).slice(0, MOST_FRAMES);
  return [
    ...text.split("\n").map((line) => paint("red", line)),
    ...frames.map((line) => paint("dim", plainLine(line))),
    ...(hint === undefined ? [] : [plainLine(hint)]),
  ];
}
