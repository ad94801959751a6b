/**
 * The known name that was most likely meant, or undefined where none is close: at most a third of the letters differ.
 *
 * @example nearestName("tiemout", ["timeout", "retry"]) // "timeout"
 */
export function nearestName(wanted: string, known: Iterable<string>): string | undefined {
  let best: string | undefined;
  let bestDistance = Math.max(1, Math.floor(wanted.length / 3)) + 1;
  for (const name of known) {
    if (Math.abs(name.length - wanted.length) >= bestDistance) continue;
    const distance = editDistance(wanted.toLowerCase(), name.toLowerCase());
    if (distance < bestDistance) [best, bestDistance] = [name, distance];
  }
  return best;
}

/** How many letters to insert, delete, change, or swap with their neighbour to turn one text into the other. */
export function editDistance(left: string, right: string): number {
  let beforeLast: number[] = [];
  let last = Array.from({ length: right.length + 1 }, (_, index) => index);
  for (let row = 1; row <= left.length; row++) {
    const present = [row];
    for (let column = 1; column <= right.length; column++) {
      present.push(cheapest(left, right, row, column, last, present, beforeLast));
    }
    [beforeLast, last] = [last, present];
  }
  return last[right.length] ?? 0;
}

function cheapest(
  left: string,
  right: string,
  row: number,
  column: number,
  last: readonly number[],
  present: readonly number[],
  beforeLast: readonly number[],
): number {
  const same = left[row - 1] === right[column - 1] ? 0 : 1;
  const cost = Math.min(at(last, column) + 1, at(present, column - 1) + 1, at(last, column - 1) + same);
  const swapped = row > 1 && column > 1 && left[row - 1] === right[column - 2] && left[row - 2] === right[column - 1];
  return swapped ? Math.min(cost, at(beforeLast, column - 2) + 1) : cost;
}

function at(row: readonly number[], column: number): number {
  return row[column] ?? Number.POSITIVE_INFINITY;
}
