import path from "node:path";
import type { Digest } from "../encoding/digest.ts";
import type { ReadRecord } from "../model/reads.ts";
import { absentDigest, digestAt, stampAt } from "./data-digests.ts";
import type { DataDigests } from "./data-digests.ts";
import { environmentDigest, variableOf } from "./environment-digest.ts";
import type { Environment } from "./environment-digest.ts";
import { asOwnWork } from "./own-work.ts";
import { placeName } from "./place-name.ts";

export interface ReadRecorderInit {
  readonly projectRoot: string;
  readonly digests: DataDigests;
  /** The variables as they were when the step began. */
  readonly environment: Environment;
  readonly environmentKey: string;
  /** Rooted name of an absolute path, by its real path. */
  nameOf(absolutePath: string): string;
}

interface PendingRead {
  readonly kind: "file" | "directory";
  readonly absolute: string;
  readonly stamp: string | undefined;
  /** Never rejects: an unreadable file is an outcome. */
  readonly digest: Promise<Digest | undefined | Error>;
}

export interface RecordedReads {
  readonly reads: readonly ReadRecord[];
  /** What changed between the read and the end of the step: the result is used for this run and not offered. */
  readonly changed: readonly string[];
}

/**
 * What a step reads through `ctx.file`, `ctx.directory` and `ctx.env`. Digests are taken when the step asks, and every
 * stamp is looked at again at the end.
 */
export class ReadRecorder {
  readonly #init: ReadRecorderInit;
  readonly #files = new Map<string, PendingRead>();
  readonly #environment = new Map<string, Digest>();

  constructor(init: ReadRecorderInit) {
    this.#init = init;
  }

  /** The absolute path, from the project's root. */
  file(wanted: string): string {
    return this.#note("file", wanted);
  }

  directory(wanted: string): string {
    return this.#note("directory", wanted);
  }

  env(name: string): string | undefined {
    const value = variableOf(this.#init.environment, name);
    this.#environment.set(name, environmentDigest(this.#init.environmentKey, name, value));
    return value;
  }

  /** Names of the variables that were asked for so far. */
  get variables(): ReadonlySet<string> {
    return new Set(this.#environment.keys());
  }

  /** Absolute paths that were asked for so far. */
  get paths(): readonly string[] {
    return [...this.#files.values()].map(({ absolute }) => absolute);
  }

  /**
   * Everything that was read. `written` are the absolute paths that the step itself created, replaced or removed: what
   * was absent before and is there now is its own output and no read.
   */
  async finish(written: ReadonlySet<string>): Promise<RecordedReads> {
    const reads: ReadRecord[] = [];
    const changed: string[] = [];
    for (const read of this.#files.values()) {
      const outcome = await this.#settle(read, written);
      if (outcome === "own output") continue;
      if (outcome === "changed") changed.push(placeName(read.absolute, this.#init));
      else reads.push(outcome);
    }
    for (const [name, digest] of this.#environment) reads.push({ kind: "env", name, digest });
    return { reads, changed };
  }

  #note(kind: "file" | "directory", wanted: string): string {
    const absolute = path.resolve(this.#init.projectRoot, wanted);
    const id = `${kind}:${absolute}`;
    if (this.#files.has(id)) return absolute;
    const stamp = asOwnWork(() => this.#stampAt(absolute));
    const digest = asOwnWork(() => digestAt(absolute, this.#init.digests)).catch((error: unknown) =>
      error instanceof Error ? error : new Error(String(error)),
    );
    this.#files.set(id, { kind, absolute, stamp, digest });
    return absolute;
  }

  async #settle(read: PendingRead, written: ReadonlySet<string>): Promise<ReadRecord | "own output" | "changed"> {
    const wrote = written.has(read.absolute);
    if (wrote && read.stamp === undefined) return "own output";
    const digest = await read.digest;
    if (wrote || digest instanceof Error || this.#stampAt(read.absolute) !== read.stamp) return "changed";
    const name = placeName(read.absolute, this.#init);
    if (digest === undefined) return { kind: "absent", name, digest: absentDigest };
    return { kind: read.kind, name, digest };
  }

  /** What cannot be looked at has no digest either, which is what counts then. */
  #stampAt(absolute: string): string | undefined {
    try {
      return stampAt(absolute, this.#init.digests);
    } catch {
      return "unreadable";
    }
  }
}
