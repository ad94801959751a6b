import { decodeCanonical } from "../encoding/canonical.ts";
import { TAG } from "../encoding/canonical-format.ts";

/** Whether a `Date` is somewhere in canonical bytes. */
export function holdsDate(bytes: Uint8Array): boolean {
  // The byte may be part of something else; where it is absent, so is any date.
  return bytes.includes(TAG.date) && isOrHoldsDate(decodeCanonical(bytes, { fill: () => undefined }));
}

function isOrHoldsDate(value: unknown): boolean {
  if (typeof value !== "object" || value === null) return false;
  if (value instanceof Date) return true;
  if (value instanceof Map) return [...value].flat().some(isOrHoldsDate);
  if (value instanceof Set) return [...value].some(isOrHoldsDate);
  return !ArrayBuffer.isView(value) && Object.values(value).some(isOrHoldsDate);
}
