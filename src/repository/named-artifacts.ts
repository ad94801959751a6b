import { isDigest } from "../encoding/digest.ts";
import { PipelineError } from "../errors.ts";
import type { MetadataStore } from "../metadata-store/metadata-store.ts";
import type { ArtifactRecord } from "../model/artifact.ts";
import type { PipelineSpec, ResultSpec } from "../pipeline/pipeline-spec.ts";
import { nearestName } from "../util/nearest-name.ts";

interface Reference {
  readonly name: string;
  readonly version: string;
}

/**
 * Finds the stored artifacts that a pipeline brings in by name. What they are now is what enters the keys.
 *
 * @throws PipelineError (`WS_BAD_REFERENCE`) for a name or version that the repository does not have.
 */
export async function resolveNamedArtifacts(
  spec: PipelineSpec,
  metadata: MetadataStore,
): Promise<ReadonlyMap<string, ArtifactRecord>> {
  const found = new Map<string, ArtifactRecord>();
  for (const reference of referencesOf(spec)) {
    const id = `${reference.name}@${reference.version}`;
    if (!found.has(id)) found.set(id, await resolveReference(reference, metadata));
  }
  return found;
}

/** `latest`, `3`, or `sha256:…`. */
export async function resolveReference({ name, version }: Reference, metadata: MetadataStore): Promise<ArtifactRecord> {
  const artifact = await metadata.namedArtifact(name, versionOf(version));
  if (artifact !== undefined && artifact.state === "LIVE") return artifact;
  throw await unknownArtifact({ name, version }, metadata);
}

function versionOf(version: string): Parameters<MetadataStore["namedArtifact"]>[1] {
  if (version === "latest") return undefined;
  const digest = version.replace(/^sha256:/, "");
  return isDigest(digest) ? digest : Number(version);
}

function referencesOf(spec: PipelineSpec): readonly Reference[] {
  const inputs = spec.nodes.flatMap(({ properties }) => properties.flatMap((property) => property.inputs));
  const sources = [...inputs.map(({ source }) => source), ...sourcesOf(spec.results)];
  return sources.flatMap((source) => (source.kind === "artifact" ? [source] : []));
}

function sourcesOf(results: ResultSpec): readonly Extract<ResultSpec, { kind: "output" }>["source"][] {
  if (results.kind === "output") return [results.source];
  const parts = results.kind === "array" ? results.items : results.entries.map(([, entry]) => entry);
  return parts.flatMap(sourcesOf);
}

async function unknownArtifact({ name, version }: Reference, metadata: MetadataStore): Promise<PipelineError> {
  const latest = await metadata.namedArtifact(name);
  if (latest !== undefined) {
    return new PipelineError("WS_BAD_REFERENCE", {
      message: `There is no stored artifact ${name}@${version}.`,
      hint: `The latest is ${name}@${latest.version ?? "?"}; \`warmstart artifacts list --name ${name}\` shows all.`,
    });
  }
  const { items } = await metadata.artifacts({ limit: 1000 });
  const nearest = nearestName(
    name,
    items.flatMap((artifact) => artifact.name ?? []),
  );
  return new PipelineError("WS_BAD_REFERENCE", {
    message: `No artifact of this repository is called ${name}.`,
    hint:
      nearest === undefined
        ? "Run the pipeline whose step has an output of that name first; `warmstart artifacts list` shows what there is."
        : `Did you mean ${nearest}?`,
  });
}
