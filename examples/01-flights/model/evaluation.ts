import type { DelayModel } from "./delay-model.ts";
import type { FlightColumns } from "./flight-features.ts";
import type { RocPoint, ScoreCounts } from "./ranking.ts";
import { areaUnderCurve, countScore, countScores, emptyCounts } from "./ranking.ts";
import { shuffled } from "./shuffled.ts";

/** How well the model ranks the flights of one hour, weekday or month. */
export interface Slice {
  readonly name: string;
  readonly flights: number;
  /** How many of them were late. */
  readonly late: number;
  /** Area under the ROC curve; null where all or none were late. */
  readonly auc: number | null;
}

/** Flights with about the same predicted probability: what was predicted and what happened. */
export interface CalibrationBin {
  readonly flights: number;
  readonly predicted: number;
  readonly observed: number;
}

/** How much AUC is lost when a group of columns is shuffled among the flights. */
export interface Importance {
  readonly name: string;
  readonly lost: number;
}

export interface Evaluation {
  readonly flights: number;
  readonly late: number;
  readonly auc: number;
  readonly logLoss: number;
  /** The log-loss of always answering with the share of late flights. */
  readonly baseLogLoss: number;
  /** The share of late flights among the tenth with the highest predicted probability. */
  readonly topTenthLate: number;
  readonly roc: readonly RocPoint[];
  readonly calibration: readonly CalibrationBin[];
  readonly hours: readonly Slice[];
  readonly weekdays: readonly Slice[];
  readonly months: readonly Slice[];
  readonly importance: readonly Importance[];
}

/** Groups flights by a whole number and ranks each group for itself; groups without a flight are left out. */
export function sliceBy(
  scores: Float32Array,
  late: Float32Array,
  groups: Float32Array,
  name: (group: number) => string,
): Slice[] {
  const counts = new Map<number, ScoreCounts>();
  for (const [row, score] of scores.entries()) {
    const group = groups[row] as number;
    const slice = counts.get(group) ?? emptyCounts();
    counts.set(group, slice);
    countScore(slice, score, late[row] === 1);
  }
  return [...counts.keys()]
    .toSorted((a, b) => a - b)
    .map((group) => describe(name(group), counts.get(group) as ScoreCounts));
}

function describe(name: string, counts: ScoreCounts): Slice {
  const total = (side: Float64Array): number => side.reduce((sum, x) => sum + x, 0);
  const late = total(counts.late);
  const auc = areaUnderCurve(counts);
  return { name, flights: late + total(counts.punctual), late, auc: Number.isNaN(auc) ? null : auc };
}

/** The mean log-loss: what an answer costs when it is sure and wrong. */
export function logLoss(scores: Float32Array, late: Float32Array): number {
  let sum = 0;
  for (const [row, score] of scores.entries()) sum -= Math.log(Math.max(late[row] === 1 ? score : 1 - score, 1e-7));
  return sum / scores.length;
}

/** Twenty bins with an equal number of flights, from the lowest to the highest predicted probability. */
export function calibrate(scores: Float32Array, late: Float32Array, bins = 20): CalibrationBin[] {
  const order = Uint32Array.from(scores.keys()).sort((a, b) => (scores[a] as number) - (scores[b] as number) || a - b);
  return Array.from({ length: bins }, (_, bin) => {
    const rows = order.subarray(Math.floor((bin * order.length) / bins), Math.floor(((bin + 1) * order.length) / bins));
    const mean = (values: Float32Array): number =>
      rows.reduce((sum, row) => sum + (values[row] as number), 0) / rows.length;
    return { flights: rows.length, predicted: mean(scores), observed: mean(late) };
  });
}

const featureGroups: Readonly<Record<string, readonly (keyof FlightColumns)[]>> = {
  "usual hour for the route": ["usual", "usual_before"],
  "hour of departure": ["hour"],
  "where from": ["origin_latitude", "origin_longitude"],
  "where to": ["destination_latitude", "destination_longitude"],
  weekday: ["weekday"],
  distance: ["distance"],
};

/** Shuffles each group of columns in turn, always in the same order, and measures what the ranking loses. */
export function permutationImportance(model: DelayModel, flights: FlightColumns, late: Float32Array): Importance[] {
  const auc = (seen: FlightColumns): number => areaUnderCurve(countScores(model.predict(seen), late));
  const order = shuffled(late.length, 1);
  const whole = auc(flights);
  const shuffle = (column: Float32Array): Float32Array => Float32Array.from(order, (row) => column[row] as number);
  const measured = Object.entries(featureGroups).map(([name, columns]) => {
    const mixed = Object.fromEntries(columns.map((column) => [column, shuffle(flights[column])]));
    return { name, lost: whole - auc({ ...flights, ...mixed }) };
  });
  return measured.toSorted((a, b) => b.lost - a.lost);
}
