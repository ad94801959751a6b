import { MetadataError } from "../../../errors.ts";
import { damagedStore } from "../../store-error.ts";

const BUSY = 5;
const LOCKED = 6;
const READ_ONLY = 8;
const CORRUPT = 11;
const FULL = 13;
const CANNOT_OPEN = 14;
const NOT_A_DATABASE = 26;

/** Whether another connection holds what is needed, so that the same call may succeed in a moment. */
export function isBusy(error: unknown): boolean {
  const code = sqliteCode(error);
  return code === BUSY || code === LOCKED;
}

/** SQLite's own error as ours; anything else is handed back as it is. */
export function metadataFailure(error: unknown, file: string): unknown {
  const code = sqliteCode(error);
  if (code === undefined || error instanceof MetadataError) return error;
  switch (code) {
    case READ_ONLY:
      return readOnlyStore(file, error);
    case FULL:
      return new MetadataError("WS_NO_SPACE", {
        message: `There is no space left to write the metadata store ${file}.`,
        hint: "Free some space (`warmstart gc` shows what it would free) and run again; nothing was lost.",
        cause: error,
      });
    case CORRUPT:
    case NOT_A_DATABASE:
      return damagedStore(`${file} is not a sound SQLite file`, error);
    case CANNOT_OPEN:
      return new MetadataError("WS_METADATA_STORE", {
        message: `The metadata store ${file} cannot be opened.`,
        hint: "Its folder must exist, and this user must be allowed to read and write there.",
        cause: error,
      });
    default:
      return new MetadataError("WS_METADATA_STORE", {
        message: `The metadata store ${file} failed: ${messageOf(error)}.`,
        hint: "Nothing of this call was recorded. `warmstart doctor` checks the store.",
        details: { sqlite: code },
        cause: error,
      });
  }
}

export function readOnlyStore(file: string, cause: unknown): MetadataError {
  return new MetadataError("WS_READ_ONLY", {
    message: `The metadata store ${file} cannot be written.`,
    hint: "Give this user the right to write the file and its folder, or use another repository.",
    cause,
  });
}

export function busyStore(file: string, waitedMs: number, cause: unknown): MetadataError {
  return new MetadataError("WS_METADATA_BUSY", {
    message: `The metadata store ${file} was in use by another process for ${Math.round(waitedMs)} ms.`,
    hint: "Wait for the other process, or end it, and try again; nothing of this call was recorded.",
    details: { waitedMs },
    cause,
  });
}

/** SQLite's primary result code, where the error is one of SQLite. */
function sqliteCode(error: unknown): number | undefined {
  if (!(error instanceof Error) || !("errcode" in error) || typeof error.errcode !== "number") return undefined;
  return error.errcode & 0xff;
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
