import { artifact, pipeline, step } from "warmstart";
import type { Line } from "./line.ts";
// Imported for what it does: it registers the materializer that can read a stored line.
import "./line.ts";

const predict = step("predict", ({ line, x }: { line: Line; x: number }) => Math.round(line.at(x)));

/** Takes the line that `train.ts` made last; a new version of it is a miss, an equal one is not. */
export default pipeline("predict", ({ x = 1000 }: { x?: number }) => ({
  y: predict({ line: artifact<Line>("line@latest"), x }),
}));
