import type { SQLOutputValue } from "node:sqlite";
import { digestFromBytes } from "../../../encoding/digest.ts";
import type { Digest } from "../../../encoding/digest.ts";
import { damagedStore } from "../../store-error.ts";

type Cell = SQLOutputValue | undefined;

export function numberOf(cell: Cell): number {
  if (typeof cell === "number") return cell;
  throw damagedStore("a number is missing in a row");
}

export function textOf(cell: Cell): string {
  if (typeof cell === "string") return cell;
  throw damagedStore("a text is missing in a row");
}

/** The hexadecimal form of a 32-byte cell. */
export function digestOfCell(cell: Cell): Digest {
  if (cell instanceof Uint8Array) return digestFromBytes(cell);
  throw damagedStore("a digest is missing in a row");
}

export function jsonOf(cell: Cell): unknown {
  try {
    return JSON.parse(textOf(cell));
  } catch (cause) {
    throw damagedStore("a row holds no JSON where it should", cause);
  }
}

/** The 32 bytes of a key or digest, as they are bound to a statement. */
export function keyBytes(hex: string): Uint8Array {
  return Buffer.from(hex, "hex");
}

export function optionalKeyBytes(hex: string | undefined): Uint8Array | null {
  return hex === undefined ? null : keyBytes(hex);
}
