import type { CodeIdentity, FunctionSource } from "../code-identity/code-identity.ts";
import type { CodeIdentifier } from "../code-identity/code-identifier.ts";
import type { Digest } from "../encoding/digest.ts";
import type { ArtifactRecord } from "../model/artifact.ts";
import type { StepDefinition } from "../pipeline/step-table.ts";
import { registeredMaterializers } from "../pipeline/user-materializer.ts";
import type { UserMaterializer } from "../pipeline/user-materializer.ts";
import { isSameList } from "../util/same-list.ts";
import type { ResultGroup } from "./result-groups.ts";

/** What a program was when this process first asked: that one is what it goes on to run, whatever becomes of the files. */
const runHere = new Map<string, Digest>();

interface AskedAgain {
  readonly materializers: readonly UserMaterializer[];
  readonly identity: Promise<CodeIdentity>;
}

/** Code identities of a run's steps, asked once per step and set of materializers. */
export class StepIdentities {
  readonly #identifier: CodeIdentifier;
  readonly #pipelineModule: string | undefined;
  readonly #known = new Map<string, Promise<CodeIdentity>>();
  /** What was asked again, for one group of results. */
  #again: { readonly group: ResultGroup; readonly known: Map<StepDefinition, AskedAgain[]> } | undefined;

  constructor(identifier: CodeIdentifier, pipelineModule: string | undefined) {
    this.#identifier = identifier;
    this.#pipelineModule = pipelineModule;
  }

  of(stepKey: string, step: StepDefinition, inputs: Iterable<ArtifactRecord>): Promise<CodeIdentity> {
    const materializers = userMaterializersOf(step, inputs);
    const id = [stepKey, ...materializers.map((materializer) => materializer.id)].join("\n");
    const known = this.#known.get(id);
    if (known !== undefined) return known;
    const asked = this.#identify(step, materializers);
    this.#known.set(id, asked);
    return asked;
  }

  /** Whether packages, sources and settings are still what they were when this process began to run steps of this program. */
  isRunHere({ program }: CodeIdentity, step: StepDefinition, inputs: Iterable<ArtifactRecord>): boolean {
    return program === undefined || runHere.get(this.#programId(userMaterializersOf(step, inputs))) === program.digest;
  }

  /** The identity as the sources are now, whatever was known; for a group of results, as they were when it was first asked. */
  again(step: StepDefinition, inputs: Iterable<ArtifactRecord>, group?: ResultGroup): Promise<CodeIdentity> {
    const materializers = userMaterializersOf(step, inputs);
    if (group === undefined || this.#again?.group !== group) {
      this.#identifier.forget();
      this.#again = group && { group, known: new Map() };
    }
    const asked = this.#again?.known.get(step) ?? [];
    const known = asked.find((one) => isSameList(one.materializers, materializers));
    if (known !== undefined) return known.identity;
    const identity = this.#identify(step, materializers);
    this.#again?.known.set(step, [...asked, { materializers, identity }]);
    return identity;
  }

  /** Later questions are answered from the sources as they are then. */
  forget(): void {
    this.#known.clear();
    this.#identifier.forget();
  }

  #programId(materializers: readonly UserMaterializer[]): string {
    return [this.#pipelineModule, ...materializers.map(({ id }) => id)].join("\n");
  }

  async #identify(step: StepDefinition, materializers: readonly UserMaterializer[]): Promise<CodeIdentity> {
    const { fn, definedAt, options } = step;
    const { code = "symbols" } = options;
    const identity = await this.#identifier.identify({
      step: { fn, definedAt },
      materializers: materializers.map((materializer) => ({
        id: materializer.id,
        functions: functionsOf(materializer),
      })),
      pipelineModule: this.#pipelineModule,
      mode: code,
    });
    const programId = this.#programId(materializers);
    if (identity.program !== undefined && !runHere.has(programId)) runHere.set(programId, identity.program.digest);
    return identity;
  }
}

/** The user's materializers that take part in a step: those of its inputs' types and of its declared outputs. Sorted by id. */
export function userMaterializersOf(
  step: StepDefinition,
  inputs: Iterable<ArtifactRecord>,
): readonly UserMaterializer[] {
  const ids = new Set<string>();
  for (const { type } of inputs) ids.add(type.id);
  for (const { materializer } of step.outputs) if (materializer !== undefined) ids.add(materializer);
  const registered = registeredMaterializers();
  return [...ids].sort().flatMap((id) => registered.get(id) ?? []);
}

function functionsOf({ definedAt, is, save, load }: UserMaterializer): readonly FunctionSource[] {
  return [is, save, load].map((fn) => ({ fn, definedAt }));
}
