import { randomUUID } from "node:crypto";
import { lstatSync, readdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import { errnoOf } from "../../../util/errno.ts";

const namePattern = /^(\d{1,10})-[0-9a-f-]{36}$/;
const maxAge = 24 * 60 * 60 * 1000;
/** Leftovers looked at in one opening, so that it stays cheap whatever lies there. */
const maxLooked = 1000;

/** A name that no other thread, process or machine uses, and that says which process it belongs to. */
export function stagingName(): string {
  return `${process.pid}-${randomUUID()}`;
}

/**
 * Removes what puts of dead processes left behind, once it is a day old. Age counts besides death, since the process
 * may live on another machine that shares the folder.
 */
export function removeLeftovers(staging: string, now: number): void {
  for (const name of namesIn(staging).slice(0, maxLooked)) {
    const pid = namePattern.exec(name)?.[1];
    const path = join(staging, name);
    if (pid !== undefined && isOld(path, now) && !isAlive(Number(pid))) removeQuietly(path);
  }
}

function namesIn(staging: string): readonly string[] {
  try {
    return lstatSync(staging, { throwIfNoEntry: false })?.isDirectory() === true ? readdirSync(staging) : [];
  } catch (error) {
    return whenUnreadable(error, []);
  }
}

function isOld(path: string, now: number): boolean {
  const stats = lstatSync(path, { throwIfNoEntry: false });
  return stats?.isFile() === true && now - stats.mtimeMs > maxAge;
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return errnoOf(error) !== "ESRCH";
  }
}

function removeQuietly(path: string): void {
  try {
    rmSync(path, { force: true });
  } catch (error) {
    whenUnreadable(error, undefined);
  }
}

/** A store that can only be read, or a folder that just went away, is no reason not to open: tidying can wait. */
function whenUnreadable<T>(error: unknown, otherwise: T): T {
  if (errnoOf(error) === undefined) throw error;
  return otherwise;
}
