import { pipeline, step, value } from "warmstart";
import type { Point } from "./line.ts";
import { Line, lineMaterializer } from "./line.ts";

/** `ctx.random` is seeded by the inputs: the same count gives the same points. */
const measure = step("measure", ({ count }: { count: number }, ctx) =>
  Array.from({ length: count }, (_, x): Point => ({ x, y: 3 + 2 * x + ctx.random() })),
);

/** Two outputs, each an artifact of its own: when one keeps its content, what reads it is reused. */
const split = step(
  "split",
  { outputs: { train: value<Point[]>(), test: value<Point[]>() } },
  ({ points, every }: { points: Point[]; every: number }) => ({
    train: points.filter((_, index) => index % every !== 0),
    test: points.filter((_, index) => index % every === 0),
  }),
);

/** A name gives its results versions: `line@1`, `line@2`, … */
const fit = step(
  "fit",
  { output: value<Line>({ name: "line", materializer: lineMaterializer }) },
  ({ points }: { points: Point[] }) => {
    const x = points.reduce((sum, point) => sum + point.x, 0) / points.length;
    const y = points.reduce((sum, point) => sum + point.y, 0) / points.length;
    const both = points.reduce((sum, point) => sum + (point.x - x) * (point.y - y), 0);
    const slope = both / points.reduce((sum, point) => sum + (point.x - x) ** 2, 0);
    return new Line(slope, y - slope * x);
  },
);

const judge = step("judge", ({ line, points }: { line: Line; points: Point[] }, ctx) => {
  const worst = Math.max(...points.map(({ x, y }) => Math.abs(line.at(x) - y)));
  ctx.metric("worst", worst);
  return { points: points.length, worst };
});

export default pipeline("train", ({ count = 200, every = 4 }: { count?: number; every?: number }) => {
  const { train, test } = split({ points: measure({ count }), every });
  const line = fit({ points: train });
  return { line, judged: judge({ line, points: test }) };
});
