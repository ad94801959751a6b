import { previewValue } from "../encoding/preview.ts";
import { MaterializerError } from "../errors.ts";

/** The error for bytes that are whole, as their digest shows, and yet are no value of their type. */
export function badStoredValue(typeId: string, what: string, cause?: unknown): MaterializerError {
  return new MaterializerError("WS_BAD_STORED_VALUE", {
    message: `Stored bytes are no value of the type \`${typeId}\`: ${what}.`,
    hint: "Compute the step again with `refresh`; if that does not help, this is a fault of Warmstart: please report it.",
    details: { type: typeId },
    ...(cause === undefined ? {} : { cause }),
  });
}

/** Refuses what a newer release wrote. */
export function checkFormat(
  typeId: string,
  header: { readonly format?: unknown; readonly version?: unknown },
  known: { readonly format: string; readonly version: number },
): void {
  if (header.format !== known.format) throw badStoredValue(typeId, `it begins with ${previewValue(header.format)}`);
  if (header.version === known.version) return;
  if (typeof header.version !== "number" || header.version < known.version) {
    throw badStoredValue(typeId, `its version is ${previewValue(header.version)}`);
  }
  throw new MaterializerError("WS_FORMAT_NEWER", {
    message: `A stored value has format version ${header.version} of \`${typeId}\`, and this release reads ${known.version}.`,
    hint: "Update Warmstart to the release that wrote it, or newer.",
    details: { type: typeId, version: header.version, known: known.version },
  });
}
