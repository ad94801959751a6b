import type { ArtifactRecord } from "../model/artifact.ts";
import type { InputSource } from "../pipeline/pipeline-spec.ts";

/** The artifacts that a run has so far, by node and output. */
export class NodeOutputs {
  readonly #byNode = new Map<string, ReadonlyMap<string, ArtifactRecord>>();
  readonly #named: ReadonlyMap<string, ArtifactRecord>;

  constructor(named: ReadonlyMap<string, ArtifactRecord>) {
    this.#named = named;
  }

  set(node: string, outputs: readonly { readonly name: string; readonly artifact: ArtifactRecord }[]): void {
    this.#byNode.set(node, new Map(outputs.map(({ name, artifact }) => [name, artifact])));
  }

  /** Returns what was there. */
  remove(node: string): ReadonlyMap<string, ArtifactRecord> | undefined {
    const before = this.#byNode.get(node);
    this.#byNode.delete(node);
    return before;
  }

  of(node: string): ReadonlyMap<string, ArtifactRecord> | undefined {
    return this.#byNode.get(node);
  }

  artifact(source: InputSource): ArtifactRecord | undefined {
    if (source.kind === "artifact") return this.#named.get(`${source.name}@${source.version}`);
    return this.#byNode.get(source.node)?.get(source.output);
  }
}
