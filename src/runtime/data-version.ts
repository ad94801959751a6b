import type { ArtifactStore } from "../artifact-store/artifact-store.ts";
import { decodeCanonical } from "../encoding/canonical.ts";
import type { MaterializerRegistry } from "../materializer/registry.ts";
import type { ArtifactRecord } from "../model/artifact.ts";
import type { NodeSpec } from "../pipeline/pipeline-spec.ts";
import type { LazyInput } from "../pipeline/step-options.ts";
import type { StepDefinition } from "../pipeline/step-table.ts";
import { mkdtemp } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";

export type DataVersionAnswer =
  | { readonly kind: "answered"; readonly value: unknown }
  | { readonly kind: "failed"; readonly text: string };

export interface DataVersionInit {
  readonly artifacts: ArtifactStore;
  materializers(): Promise<MaterializerRegistry>;
}

/** Asks the step's `dataVersion` with its configuration and lazy inputs; undefined when it has none. */
export async function askDataVersion(
  step: StepDefinition,
  node: NodeSpec,
  inputs: ReadonlyMap<string, ArtifactRecord>,
  init: DataVersionInit,
): Promise<DataVersionAnswer | undefined> {
  const { dataVersion } = step.options;
  if (dataVersion === undefined) return undefined;
  try {
    return { kind: "answered", value: await dataVersion(questionsOf(node, inputs, init)) };
  } catch (error) {
    const text = error instanceof Error ? error.message : String(error);
    return { kind: "failed", text: `its dataVersion failed: ${text}` };
  }
}

function questionsOf(
  node: NodeSpec,
  inputs: ReadonlyMap<string, ArtifactRecord>,
  init: DataVersionInit,
): Readonly<Record<string, unknown>> {
  const fill = (label: string): unknown => {
    const artifact = inputs.get(label);
    return artifact === undefined ? undefined : lazyInput(artifact, init);
  };
  return Object.fromEntries(node.properties.map(({ name, bytes }) => [name, decodeCanonical(bytes, { fill })]));
}

function lazyInput(artifact: ArtifactRecord, init: DataVersionInit): LazyInput {
  const filesFolder = (): Promise<string> => mkdtemp(path.join(tmpdir(), "warmstart-"));
  return {
    digest: artifact.digest,
    load: async () => {
      const materializers = await init.materializers();
      return materializers.byType(artifact.type).load(artifact, { blobs: init.artifacts, filesFolder });
    },
  };
}
