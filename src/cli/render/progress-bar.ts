const CELLS = 12;

export interface Progress {
  readonly done: number;
  readonly total?: number;
}

/** `████████░░░░ 130/200`; without a total the number alone. */
export function progressBar({ done, total }: Progress): string {
  if (total === undefined || !(total > 0)) return shown(done);
  const share = Math.min(1, Math.max(0, done / total));
  const full = share === 1 ? CELLS : Math.min(CELLS - 1, Math.floor(share * CELLS));
  return `${"█".repeat(full)}${"░".repeat(CELLS - full)} ${shown(done)}/${shown(total)}`;
}

function shown(value: number): string {
  return Number.isInteger(value) ? String(value) : value.toFixed(1);
}
