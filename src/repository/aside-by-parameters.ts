import { compilePipeline } from "../pipeline/compile-pipeline.ts";
import type { NodeSpec } from "../pipeline/pipeline-spec.ts";
import { NodeOutputs } from "../runtime/node-outputs.ts";
import { StepDriver } from "../runtime/step-driver.ts";
import { AsideRuns } from "./aside-runs.ts";
import type { OpenRepository } from "./open-repository.ts";

/** A pipeline with the parameters of some of its runs. */
export interface CompiledAside {
  readonly aside: AsideRuns;
  readonly driver: StepDriver;
  readonly nodes: readonly NodeSpec[];
}

export interface AsideByParametersInit {
  readonly open: OpenRepository;
  readonly pipeline: { readonly name: string };
  readonly signal: AbortSignal;
}

/** A pipeline compiled once for each set of parameters: nodes and keys of steps mean nothing outside of one compilation. */
export class AsideByParameters implements AsyncDisposable {
  readonly #init: AsideByParametersInit;
  readonly #made = new Map<string, CompiledAside>();

  constructor(init: AsideByParametersInit) {
    this.#init = init;
  }

  /** @throws what compiling the pipeline with these parameters throws. */
  async of(params: Readonly<Record<string, unknown>>): Promise<CompiledAside> {
    const key = JSON.stringify(params);
    const known = this.#made.get(key);
    if (known !== undefined) return known;
    const { open, pipeline, signal } = this.#init;
    const compiled = await compilePipeline(pipeline, params);
    const aside = await AsideRuns.open({ open, compiled, signal });
    const driver = new StepDriver(aside.session, new NodeOutputs(aside.session.named), aside.identities);
    const made = { aside, driver, nodes: compiled.spec.nodes };
    this.#made.set(key, made);
    return made;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const { aside } of this.#made.values()) await aside[Symbol.asyncDispose]();
    this.#made.clear();
  }
}
