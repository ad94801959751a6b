import { linkSync, renameSync, rmSync, unlinkSync } from "node:fs";
import { fileFailure } from "../../file-failure.ts";
import { errnoOf } from "../../../util/errno.ts";
import { noHardLinks } from "../../write-private-copy.ts";
import { regularFile } from "./store-folders.ts";

export interface Placing {
  /** The whole blob, in the same file system. It is gone afterwards, whatever happens. */
  readonly staged: string;
  readonly target: string;
  readonly size: number;
  /** `linkSync`, or what a test puts in the place of a file system without links. */
  readonly link?: ((from: string, to: string) => void) | undefined;
}

/**
 * Gives a staged blob its name in one step. A blob that is there with the right size stays: a link never replaces
 * anything, so that of two writers one wins and the other finds equal bytes. One with a wrong size is replaced.
 */
export function placeBlob(placing: Placing): void {
  const { staged, target } = placing;
  try {
    if (linked(placing)) unlinkSync(staged);
    else renameSync(staged, target);
  } catch (error) {
    rmSync(staged, { force: true });
    throw fileFailure("writing", target, error);
  }
}

/** Whether the blob is in its place now, put there by us or by someone before us. */
function linked({ staged, target, size, link = linkSync }: Placing): boolean {
  try {
    link(staged, target);
    return true;
  } catch (error) {
    const errno = errnoOf(error) ?? "";
    if (errno !== "EEXIST" && !noHardLinks.has(errno)) throw error;
    return regularFile(target)?.size === size;
  }
}
