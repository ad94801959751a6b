/** The only place that asks the machine for the time; everything else is given a clock. */
export interface Clock {
  /** Milliseconds since the Unix epoch, UTC. */
  readonly now: () => number;
  /** Milliseconds of a clock that never goes back, for durations. */
  readonly monotonic: () => number;
}

export const systemClock: Clock = {
  now: () => Date.now(),
  monotonic: () => performance.now(),
};
