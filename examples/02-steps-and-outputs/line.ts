import { materializer } from "warmstart";

export interface Point {
  readonly x: number;
  readonly y: number;
}

/** A class of our own: plain data needs nothing, a class needs the materializer below. */
export class Line {
  readonly slope: number;
  readonly start: number;

  constructor(slope: number, start: number) {
    this.slope = slope;
    this.start = start;
  }

  at(x: number): number {
    return this.start + this.slope * x;
  }
}

export const lineMaterializer = materializer("line", {
  version: 1,
  is: (candidate: unknown): candidate is Line => candidate instanceof Line,
  save: ({ slope, start }: Line) => ({ slope, start }),
  load: ({ slope, start }) => new Line(slope, start),
});
