import { weakKeyTree } from "../cache/cache-key.ts";
import { lookUp } from "../cache/cache-lookup.ts";
import type { LookupAnswer } from "../cache/cache-lookup.ts";
import { answersForNetwork, effectivePolicy } from "../cache/cache-policy.ts";
import type { PolicySources } from "../cache/cache-policy.ts";
import { CodeComparisons } from "../cache/code-comparisons.ts";
import { missReason, nearestExecution } from "../cache/miss-reason.ts";
import type { Comparison } from "../cache/miss-reason.ts";
import { keyOf, keyTree } from "../encoding/key-tree.ts";
import { WarmstartError } from "../errors.ts";
import type { ArtifactRecord, ArtifactType } from "../model/artifact.ts";
import type { Reason } from "../model/execution.ts";
import type { NodeSpec } from "../pipeline/pipeline-spec.ts";
import type { CachePolicy } from "../pipeline/step-options.ts";
import type { StepDefinition } from "../pipeline/step-table.ts";
import { registeredMaterializers } from "../pipeline/user-materializer.ts";
import { askDataVersion } from "./data-version.ts";
import type { NodeOutputs } from "./node-outputs.ts";
import type { RunSession } from "./run-session.ts";
import type { StepIdentities } from "./step-identities.ts";
import type { KeyedNode, StepPlan } from "./step-plan.ts";

/** Decides for a batch of ready nodes whether to run them: keys, look-ups and reasons. Reads the metadata store, never writes it. */
export class StepDriver {
  readonly #session: RunSession;
  readonly #outputs: NodeOutputs;
  readonly #identities: StepIdentities;
  readonly #code: CodeComparisons;
  readonly #trusted = new Map<StepDefinition, ReadonlySet<string>>();

  constructor(session: RunSession, outputs: NodeOutputs, identities: StepIdentities) {
    this.#session = session;
    this.#outputs = outputs;
    this.#identities = identities;
    this.#code = new CodeComparisons(session.metadata);
  }

  /** One plan per node, in their order. */
  async plan(nodes: readonly NodeSpec[]): Promise<readonly StepPlan[]> {
    const keyed: KeyedNode[] = [];
    for (const node of nodes) keyed.push(await this.keyed(node));
    return this.decide(keyed);
  }

  /** One plan per node that was keyed, in their order. */
  async decide(keyed: readonly KeyedNode[]): Promise<readonly StepPlan[]> {
    const answers = await this.#lookUp(keyed);
    const plans: StepPlan[] = [];
    for (const node of keyed) plans.push(await this.#decide(node, answers.get(node)));
    return plans;
  }

  /** `inputs` by label: what the run has so far, unless told. */
  async keyed(node: NodeSpec, inputs: KeyedNode["inputs"] = this.#inputsOf(node)): Promise<KeyedNode> {
    const step = stepOf(this.#session, node);
    const sources = this.#sources(node, step);
    const base = { node, step, inputs, policy: effectivePolicy(sources), trust: this.#trust(node, step, sources) };
    try {
      return { ...base, ...(await this.#key(node, step, inputs)) };
    } catch (error) {
      if (!(error instanceof WarmstartError)) throw error;
      return { ...base, keyed: undefined, unkeyed: { kind: "unidentified", text: error.message } };
    }
  }

  async #key(
    node: NodeSpec,
    step: StepDefinition,
    inputs: ReadonlyMap<string, ArtifactRecord>,
  ): Promise<Pick<KeyedNode, "keyed" | "unkeyed">> {
    const { secretKey, facts, variables } = this.#session;
    const identity = await this.#identities.of(node.stepKey, step, inputs.values());
    const dataVersion = await askDataVersion(step, node, inputs, this.#session);
    if (dataVersion?.kind === "failed")
      return { keyed: undefined, unkeyed: { kind: "data-version-failed", text: dataVersion.text } };
    const tree = weakKeyTree({
      step: {
        code: identity.digest,
        localeSensitive: identity.localeSensitive,
        native: identity.native,
        options: step.options,
        outputTypes: outputTypes(step),
      },
      node,
      runtime: facts(),
      inputs,
      secretValue: (name) => process.env[name],
      secretKey,
      counted: variables.count ?? [],
      ...(dataVersion === undefined ? {} : { dataVersion: { value: dataVersion.value } }),
    });
    return { keyed: { identity, key: keyOf(tree), tree }, unkeyed: undefined };
  }

  #inputsOf(node: NodeSpec): ReadonlyMap<string, ArtifactRecord> {
    const inputs = new Map<string, ArtifactRecord>();
    for (const property of node.properties) {
      for (const { label, source } of property.inputs) {
        const artifact = this.#outputs.artifact(source);
        if (artifact === undefined) throw new Error(`${node.id} was driven before its input ${label} was there`);
        inputs.set(label, artifact);
      }
    }
    return inputs;
  }

  #sources(node: NodeSpec, step: StepDefinition): PolicySources {
    const { policy, spec } = this.#session;
    const refresh = policy.refresh.has(node.id) || policy.refresh.has(node.step);
    const run: CachePolicy | undefined = refresh ? "refresh" : policy.noCache ? "off" : undefined;
    const pipeline = node.cache ?? spec.cache;
    return { run, step: step.options.cache, pipeline, repository: policy.repositoryCache };
  }

  #trust(node: NodeSpec, step: StepDefinition, sources: PolicySources): ReadonlySet<string> {
    const { policy, spec } = this.#session;
    const known = this.#trusted.get(step);
    const { trust = [] } = step.options;
    const all = known ?? new Set([...policy.trust, ...trust, ...(spec.trust ?? []), ...policy.repositoryTrust]);
    this.#trusted.set(step, all);
    const network = answersForNetwork(sources, step.options.dataVersion !== undefined) ? ["network"] : [];
    const more = [...(node.trust ?? []), ...network];
    return more.length === 0 ? all : new Set([...all, ...more]);
  }

  async #lookUp(nodes: readonly KeyedNode[]): Promise<ReadonlyMap<KeyedNode, LookupAnswer>> {
    const { metadata, artifacts, revalidation, clock } = this.#session;
    const asked = nodes.flatMap((node) => (node.keyed === undefined ? [] : [{ node, ...node.keyed }]));
    const requests = asked.map(({ node, key, tree }) => ({ key, tree, policy: node.policy, trust: node.trust }));
    const answers = await lookUp(requests, { metadata, artifacts, revalidation, now: () => clock.now() });
    return new Map(
      asked.flatMap(({ node }, index) => {
        const answer = answers[index];
        return answer === undefined ? [] : [[node, answer] as const];
      }),
    );
  }

  async #decide(node: KeyedNode, answer: LookupAnswer | undefined): Promise<StepPlan> {
    if (answer?.kind === "hit") return { kind: "reuse", entry: answer.entry, ...node, tree: answer.tree };
    const reason = node.unkeyed ?? answer?.reason;
    if (reason !== undefined) {
      const unvouched = answer?.kind === "miss" && node.unkeyed === undefined ? answer.unvouched : undefined;
      return { kind: "compute", reason, ...node, ...(unvouched === undefined ? {} : { unvouched }) };
    }
    const comparison = await this.#compare(node, answer);
    return {
      kind: "compute",
      reason: node.keyed === undefined ? unidentified : missReason(comparison),
      ...(comparison === undefined ? {} : { comparison }),
      ...node,
    };
  }

  async #compare(node: KeyedNode, answer: LookupAnswer | undefined): Promise<Comparison | undefined> {
    if (node.keyed === undefined) return undefined;
    const answers = answer?.kind === "miss" ? answer.answers : [];
    const { identity, tree } = node.keyed;
    const { metadata, identifier, runId, startedAt } = this.#session;
    const run = { id: runId, startedAt };
    const code = { tree: keyTree(identity.leaves), records: () => identifier.recordsOf(identity) };
    const { id: nodeId, step } = node.node;
    return nearestExecution({ step, nodeId, tree, code, answers, run }, metadata, this.#code);
  }
}

const unidentified: Reason = { kind: "unidentified", text: "its code could not be identified" };

function stepOf(session: RunSession, node: NodeSpec): StepDefinition {
  const step = session.steps.get(node.stepKey);
  if (step === undefined) throw new Error(`the step table has no ${node.stepKey}`);
  return step;
}

function outputTypes(step: StepDefinition): ReadonlyMap<string, ArtifactType> {
  const registered = registeredMaterializers();
  const types = new Map<string, ArtifactType>();
  for (const { name, materializer } of step.outputs) {
    const found = materializer === undefined ? undefined : registered.get(materializer);
    if (found !== undefined) types.set(name, { id: found.id, version: found.version });
  }
  return types;
}
