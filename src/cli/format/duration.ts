/** How long something took, for people: `35 ms`, `21.4 s`, `3 min 05 s`, `2 h 10 min`. */
export function formatDuration(milliseconds: number): string {
  const whole = Math.round(milliseconds);
  if (whole < 1000) return `${Math.max(0, whole)} ms`;
  const tenths = Math.round(milliseconds / 100);
  if (tenths < 600) return `${(tenths / 10).toFixed(1)} s`;
  const seconds = Math.round(milliseconds / 1000);
  if (seconds < 3600) return `${Math.floor(seconds / 60)} min ${twoDigits(seconds % 60)} s`;
  const minutes = Math.round(seconds / 60);
  return `${Math.floor(minutes / 60)} h ${twoDigits(minutes % 60)} min`;
}

/** From the least to the most: `3–5 s`, `900 ms–1.2 s`; one of them where both read alike. */
export function formatDurations(least: number, most: number): string {
  const [from, to] = [formatDuration(least), formatDuration(most)];
  if (from === to) return to;
  const simple = /^([\d.]+) (ms|s)$/;
  const [low, high] = [simple.exec(from), simple.exec(to)];
  return low !== null && low[2] === high?.[2] ? `${low[1]}–${to}` : `${from}–${to}`;
}

function twoDigits(value: number): string {
  return String(value).padStart(2, "0");
}
