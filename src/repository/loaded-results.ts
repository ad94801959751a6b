import { mkdir, mkdtemp } from "node:fs/promises";
import path from "node:path";
import type { ArtifactStore } from "../artifact-store/artifact-store.ts";
import { ArtifactError, RunError } from "../errors.ts";
import type { MaterializerRegistry } from "../materializer/registry.ts";
import type { ArtifactRecord } from "../model/artifact.ts";
import type { Output } from "../pipeline/output.ts";
import type { InputSource, ResultSpec } from "../pipeline/pipeline-spec.ts";

/** A result of a run: its artifact, and its value when asked. */
export interface LoadedOutput<T> {
  readonly artifact: ArtifactRecord;
  /** SHA-256 of the content. */
  readonly digest: string;
  /** Reads and checks the bytes; each call gives a value of its own. */
  load(): Promise<T>;
}

/** A pipeline's results with an output's artifact in every handle's place. */
export type Loaded<R> = R extends Output<infer T> ? LoadedOutput<T> : { readonly [K in keyof R]: Loaded<R[K]> };

/** A pipeline's results with values in the handles' places. */
export type LoadedValues<R> = R extends Output<infer T> ? T : { readonly [K in keyof R]: LoadedValues<R[K]> };

export interface LoadInit {
  readonly artifacts: ArtifactStore;
  readonly materializers: () => Promise<MaterializerRegistry>;
  /** Where copies of file values are put. */
  readonly filesFolder: string;
}

/**
 * Reads one artifact's value.
 *
 * @throws ArtifactError (`WS_ARTIFACT_MISSING`, `WS_ARTIFACT_DAMAGED`) when its bytes are not what was stored. Damaged
 * bytes are moved aside then, so that the next run of the pipeline computes them again.
 */
export async function loadArtifact(artifact: ArtifactRecord, init: LoadInit): Promise<unknown> {
  try {
    const materializers = await init.materializers();
    return await materializers.byType(artifact.type).load(artifact, {
      blobs: init.artifacts,
      filesFolder: async () => {
        await mkdir(init.filesFolder, { recursive: true });
        return mkdtemp(path.join(init.filesFolder, `${artifact.digest.slice(0, 12)}-`));
      },
    });
  } catch (error) {
    throw error instanceof ArtifactError && isBad(error.code) ? await damagedResult(artifact, error, init) : error;
  }
}

function isBad(code: string): code is "WS_ARTIFACT_MISSING" | "WS_ARTIFACT_DAMAGED" {
  return code === "WS_ARTIFACT_MISSING" || code === "WS_ARTIFACT_DAMAGED";
}

async function damagedResult(artifact: ArtifactRecord, cause: ArtifactError, init: LoadInit): Promise<ArtifactError> {
  for (const { digest } of artifact.blobs) await init.artifacts.verify(digest);
  return new ArtifactError(isBad(cause.code) ? cause.code : "WS_ARTIFACT_DAMAGED", {
    message: cause.message,
    hint: "Run the pipeline again: what is missing or damaged is computed anew there.",
    details: { ...cause.details, artifact: artifact.id },
    cause,
  });
}

/** Builds the record of results; `artifactOf` is undefined for what the run did not reach. */
export function loadedResults(
  spec: ResultSpec,
  artifactOf: (source: InputSource) => ArtifactRecord | undefined,
  load: (artifact: ArtifactRecord) => Promise<unknown>,
): unknown {
  switch (spec.kind) {
    case "output":
      return loadedOutput(spec.source, artifactOf(spec.source), load);
    case "array":
      return spec.items.map((item) => loadedResults(item, artifactOf, load));
    case "record":
      return Object.fromEntries(spec.entries.map(([name, entry]) => [name, loadedResults(entry, artifactOf, load)]));
  }
}

/** Loads every value of a record of results. */
export async function loadAll(results: unknown): Promise<unknown> {
  if (results instanceof RunOutput) return results.load();
  if (Array.isArray(results)) return Promise.all(results.map(loadAll));
  const entries = Object.entries(results as object).map(async ([name, value]) => [name, await loadAll(value)] as const);
  return Object.fromEntries(await Promise.all(entries));
}

class RunOutput implements LoadedOutput<unknown> {
  readonly artifact: ArtifactRecord;
  readonly #load: (artifact: ArtifactRecord) => Promise<unknown>;

  constructor(artifact: ArtifactRecord, load: (artifact: ArtifactRecord) => Promise<unknown>) {
    this.artifact = artifact;
    this.#load = load;
  }

  get digest(): string {
    return this.artifact.digest;
  }

  load(): Promise<unknown> {
    return this.#load(this.artifact);
  }
}

function loadedOutput(
  source: InputSource,
  artifact: ArtifactRecord | undefined,
  load: (artifact: ArtifactRecord) => Promise<unknown>,
): unknown {
  if (artifact !== undefined) return new RunOutput(artifact, load);
  const name = source.kind === "node" ? source.node : `${source.name}@${source.version}`;
  const missing = (): never => {
    throw new RunError("WS_NOT_COMPUTED", {
      message: `This run did not reach ${name}, so there is no result of it.`,
      hint: "It was left out by a selection (`to`, `only`).",
    });
  };
  return {
    get artifact() {
      return missing();
    },
    get digest() {
      return missing();
    },
    load: async () => missing(),
  };
}

/** Paths of all results and their artifacts: `model`, `folds/0`. */
export function flatResults(
  spec: ResultSpec,
  artifactOf: (source: InputSource) => ArtifactRecord | undefined,
  prefix = "",
): readonly { readonly path: string; readonly artifact: ArtifactRecord }[] {
  const under = (name: string): string => (prefix === "" ? name : `${prefix}/${name}`);
  switch (spec.kind) {
    case "output": {
      const artifact = artifactOf(spec.source);
      return artifact === undefined ? [] : [{ path: prefix, artifact }];
    }
    case "array":
      return spec.items.flatMap((item, index) => flatResults(item, artifactOf, under(String(index))));
    case "record":
      return spec.entries.flatMap(([name, entry]) => flatResults(entry, artifactOf, under(name)));
  }
}
