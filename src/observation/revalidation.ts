import { existsSync } from "node:fs";
import type { Digest } from "../encoding/digest.ts";
import type { PathSet, ReadQuestion, ReadRecord, SideEffect } from "../model/reads.ts";
import { absentDigest, digestAt } from "./data-digests.ts";
import type { DataDigests } from "./data-digests.ts";
import { environmentDigest, variableOf } from "./environment-digest.ts";
import type { Environment } from "./environment-digest.ts";
import {
  folderDigest,
  isFree,
  isThere,
  linkDigest,
  listingDigest,
  noFolderDigest,
  otherDigests,
  presentDigest,
  sizeDigest,
  stateOf,
} from "./path-state.ts";

export interface RevalidationInit {
  readonly digests: DataDigests;
  readonly environment: Environment;
  readonly environmentKey: string;
  /** Absolute path of a rooted name; undefined when that root is not here (a package that is not installed). */
  pathOf(name: string): string | undefined;
}

/** Looks again at what earlier executions read. Holds no answers: every question is answered as things are now. */
export class Revalidation {
  readonly #init: RevalidationInit;

  constructor(init: RevalidationInit) {
    this.#init = init;
  }

  /** What the questions of a path set find now; undefined where one cannot be answered (then there is no hit). */
  async answers(pathSet: PathSet): Promise<readonly ReadRecord[] | undefined> {
    const records: ReadRecord[] = [];
    for (const question of pathSet.questions) {
      const record = await this.#answer(question);
      if (record === undefined) return undefined;
      records.push(record);
    }
    return records;
  }

  /** The first path that no longer holds what the execution left there; undefined when all do. */
  async disturbed(effects: readonly SideEffect[]): Promise<string | undefined> {
    for (const effect of effects) if (!(await this.#stands(effect))) return effect.path;
    return undefined;
  }

  async #answer(question: ReadQuestion): Promise<ReadRecord | undefined> {
    const { name } = question;
    if (question.kind === "env") {
      const { environmentKey, environment } = this.#init;
      return { kind: "env", name, digest: environmentDigest(environmentKey, name, variableOf(environment, name)) };
    }
    const absolute = this.#init.pathOf(name);
    if (absolute === undefined) return undefined;
    const shallow = shallowDigest(question.kind, absolute);
    const digest = shallow ?? (await this.#digest(absolute));
    if (question.kind === "presence") return { kind: "presence", name, digest: digest ?? absentDigest };
    if (digest === undefined || digest === absentDigest) return { kind: "absent", name, digest: absentDigest };
    return { kind: question.kind, name, digest };
  }

  /** That it may not be read is an answer, and what a step then saw. */
  async #digest(absolute: string): Promise<Digest | undefined> {
    try {
      return await digestAt(absolute, this.#init.digests);
    } catch {
      return otherDigests.unreadable;
    }
  }

  async #stands(effect: SideEffect): Promise<boolean> {
    const absolute = this.#init.pathOf(effect.path);
    if (absolute === undefined) return false;
    if (effect.state.kind === "present") return existsSync(absolute);
    const digest = await this.#digest(absolute);
    return effect.state.kind === "removed" ? digest === undefined : digest === effect.state.digest;
  }
}

/** What answers a question without reading any file; undefined for the others. */
function shallowDigest(kind: ReadQuestion["kind"], absolute: string): Digest | undefined {
  if (kind === "presence") return isThere(absolute) ? presentDigest : absentDigest;
  if (kind === "size") return isFree(absolute) ? absentDigest : sizeDigest(absolute);
  if (kind !== "listing" && kind !== "folder" && kind !== "link") return undefined;
  if (isFree(absolute)) return absentDigest;
  if (kind === "link") return linkDigest(absolute);
  const state = stateOf(absolute).kind;
  if (state === "special" || state === "unreadable") return otherDigests[state];
  if (state !== "folder") return state === "absent" ? absentDigest : noFolderDigest;
  return kind === "folder" ? folderDigest : listingDigest(absolute);
}

/** The questions behind the answers, in a fixed order. */
export function questionsOf(reads: readonly ReadRecord[]): PathSet {
  const seen = new Map<string, ReadQuestion>();
  for (const read of reads) {
    const kind = read.kind === "absent" ? "file" : read.kind;
    seen.set(`${kind}:${read.name}`, { kind, name: read.name });
  }
  const questions = [...seen.entries()]
    .sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0))
    .map(([, question]) => question);
  return { questions };
}
