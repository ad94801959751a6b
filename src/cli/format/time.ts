/** A moment for people, in the machine's time zone, to the second: `2026-11-24 15:38:00`. */
export function formatTime(milliseconds: number): string {
  const at = new Date(milliseconds);
  const date = [at.getFullYear(), at.getMonth() + 1, at.getDate()].map(twoDigits).join("-");
  return `${date} ${[at.getHours(), at.getMinutes(), at.getSeconds()].map(twoDigits).join(":")}`;
}

function twoDigits(value: number): string {
  return String(value).padStart(2, "0");
}
