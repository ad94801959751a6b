import { existsSync } from "node:fs";
import type { Digest } from "../encoding/digest.ts";
import { pathSetOf } from "../model/path-set.ts";
import type { PathSet, ReadQuestion, ReadRecord, SideEffect } from "../model/reads.ts";
import { forEachLimited } from "../util/for-each-limited.ts";
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

/** Files that are hashed at a time, where their stamps changed. */
const TOGETHER = 8;

/**
 * Looks again at what earlier executions read. Holds no answers from one call to the next: every call finds things as
 * they are now.
 */
export class Revalidation {
  readonly #init: RevalidationInit;

  constructor(init: RevalidationInit) {
    this.#init = init;
  }

  /** What the questions of a path set find now; undefined where one cannot be answered (then there is no hit). */
  async answers(pathSet: PathSet): Promise<readonly ReadRecord[] | undefined> {
    const [answer] = await this.answersTogether([pathSet]);
    return answer;
  }

  /**
   * The same for many path sets, in their order. Each question is asked once, and each file looked at once, however many
   * of them ask: sets that are answered together saw the same bytes.
   */
  async answersTogether(pathSets: readonly PathSet[]): Promise<readonly (readonly ReadRecord[] | undefined)[]> {
    const digests = lookedAtOnce(this.#init.digests);
    const answers = new Map<string, ReadRecord>();
    const wanted = pathSets.map((pathSet) => (this.#isAnswerable(pathSet) ? pathSet.questions : undefined));
    const questions = new Map(wanted.flatMap((set) => (set ?? []).map((question) => [idOf(question), question])));
    await forEachLimited(questions, TOGETHER, async ([id, question]) => {
      const answer = await this.#answer(question, digests);
      if (answer !== undefined) answers.set(id, answer);
    });
    return wanted.map((set) => set && answersOf(set, answers));
  }

  /** The first path that no longer holds what the execution left there; undefined when all do. */
  async disturbed(effects: readonly SideEffect[]): Promise<string | undefined> {
    for (const effect of effects) if (!(await this.#stands(effect))) return effect.path;
    return undefined;
  }

  /** Asked first: nothing is hashed for a set that cannot be answered. */
  #isAnswerable({ questions }: PathSet): boolean {
    return questions.every(({ kind, name }) => kind === "env" || this.#init.pathOf(name) !== undefined);
  }

  async #answer(question: ReadQuestion, digests: DataDigests): Promise<ReadRecord | undefined> {
    const { name } = question;
    if (question.kind === "env") {
      const { environmentKey, environment } = this.#init;
      return { kind: "env", name, digest: environmentDigest(environmentKey, name, variableOf(environment, name)) };
    }
    const absolute = this.#init.pathOf(name);
    if (absolute === undefined) return undefined;
    const shallow = shallowDigest(question.kind, absolute);
    const digest = shallow ?? (await digestOrRefusal(absolute, digests));
    if (question.kind === "presence") return { kind: "presence", name, digest: digest ?? absentDigest };
    if (digest === undefined || digest === absentDigest) return { kind: "absent", name, digest: absentDigest };
    return { kind: question.kind, name, digest };
  }

  async #stands(effect: SideEffect): Promise<boolean> {
    const absolute = this.#init.pathOf(effect.path);
    if (absolute === undefined) return false;
    if (effect.state.kind === "present") return existsSync(absolute);
    const digest = await digestOrRefusal(absolute, this.#init.digests);
    return effect.state.kind === "removed" ? digest === undefined : digest === effect.state.digest;
  }
}

/** That it may not be read is an answer, and what a step then saw. */
async function digestOrRefusal(absolute: string, digests: DataDigests): Promise<Digest | undefined> {
  try {
    return await digestAt(absolute, digests);
  } catch {
    return otherDigests.unreadable;
  }
}

/** For as long as one look lasts: whoever asks about a file gets what the first found. */
function lookedAtOnce(digests: DataDigests): DataDigests {
  const looks = new Map<string, ReturnType<DataDigests["digestOfFile"]>>();
  return {
    stampOf: (file) => digests.stampOf(file),
    digestOfFile: async (file) => {
      const look = looks.get(file) ?? digests.digestOfFile(file);
      looks.set(file, look);
      return look;
    },
  };
}

function answersOf(
  questions: readonly ReadQuestion[],
  answers: ReadonlyMap<string, ReadRecord>,
): readonly ReadRecord[] | undefined {
  const found = questions.flatMap((question) => answers.get(idOf(question)) ?? []);
  return found.length === questions.length ? found : undefined;
}

function idOf({ kind, name }: ReadQuestion): string {
  return `${kind}:${name}`;
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
  return pathSetOf(reads.map(({ kind, name }) => ({ kind: kind === "absent" ? "file" : kind, name })));
}
