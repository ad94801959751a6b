/**
 * Metrics as JSON can hold them: a training that diverged has metrics such as `NaN`, which JSON would turn into `null`.
 */
export function encodeMetrics(metrics: Readonly<Record<string, number>>): Readonly<Record<string, number | string>> {
  const values = Object.values(metrics);
  if (values.every((value) => Number.isFinite(value) && !Object.is(value, -0))) return metrics;
  return Object.fromEntries(Object.entries(metrics).map(([name, value]) => [name, encodeNumber(value)]));
}

/** The metrics that `encodeMetrics` was given. */
export function decodeMetrics(stored: Readonly<Record<string, number | string>>): Readonly<Record<string, number>> {
  if (Object.values(stored).every((value) => typeof value === "number")) return stored as Record<string, number>;
  return Object.fromEntries(Object.entries(stored).map(([name, value]) => [name, Number(value)]));
}

function encodeNumber(value: number): number | string {
  if (Object.is(value, -0)) return "-0";
  return Number.isFinite(value) ? value : String(value);
}
