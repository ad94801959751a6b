const units = [
  ["d", 86_400_000],
  ["h", 3_600_000],
  ["min", 60_000],
  ["s", 1000],
] as const;

/** A length of time for people, in its largest whole unit: `2 h`, `3 d`, `12 s`. */
export function formatAge(milliseconds: number): string {
  const age = Math.max(0, milliseconds);
  for (const [unit, length] of units) if (age >= length) return `${Math.floor(age / length)} ${unit}`;
  return "0 s";
}
