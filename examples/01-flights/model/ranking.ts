const bins = 10_000;

/** Late and punctual flights per predicted probability, in 10,000 equal steps. Whole numbers: they add up exactly. */
export interface ScoreCounts {
  readonly late: Float64Array;
  readonly punctual: Float64Array;
}

export function emptyCounts(): ScoreCounts {
  return { late: new Float64Array(bins), punctual: new Float64Array(bins) };
}

export function countScore(counts: ScoreCounts, score: number, isLate: boolean): void {
  const bin = Math.min(Math.floor(score * bins), bins - 1);
  const side = isLate ? counts.late : counts.punctual;
  side[bin] = (side[bin] ?? 0) + 1;
}

export function countScores(scores: Float32Array, late: Float32Array): ScoreCounts {
  const counts = emptyCounts();
  for (const [row, score] of scores.entries()) countScore(counts, score, late[row] === 1);
  return counts;
}

/** A point of the ROC curve: the share of punctual and of late flights that score above a threshold. */
export interface RocPoint {
  readonly falseAlarms: number;
  readonly caught: number;
}

/** The ROC curve from (0, 0) to (1, 1), the strictest threshold first. */
export function rocCurve({ late, punctual }: ScoreCounts): RocPoint[] {
  const lateTotal = sum(late);
  const punctualTotal = sum(punctual);
  const points: RocPoint[] = [{ falseAlarms: 0, caught: 0 }];
  let caught = 0;
  let falseAlarms = 0;
  for (let bin = bins - 1; bin >= 0; bin--) {
    const [hits = 0, misses = 0] = [late[bin], punctual[bin]];
    if (hits + misses === 0) continue;
    caught += hits;
    falseAlarms += misses;
    points.push({ falseAlarms: falseAlarms / punctualTotal, caught: caught / lateTotal });
  }
  return points;
}

/** The chance that a late flight scores higher than a punctual one; 0.5 is guessing. NaN where one side is empty. */
export function areaUnderCurve(counts: ScoreCounts): number {
  const late = sum(counts.late);
  const punctual = sum(counts.punctual);
  let punctualBelow = 0;
  let won = 0;
  for (let bin = 0; bin < bins; bin++) {
    const [hits = 0, misses = 0] = [counts.late[bin], counts.punctual[bin]];
    won += hits * (punctualBelow + misses / 2);
    punctualBelow += misses;
  }
  return won / (late * punctual);
}

function sum(values: Float64Array): number {
  return values.reduce((total, x) => total + x, 0);
}
