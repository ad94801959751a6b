import { describeDifferences } from "../cache/describe-difference.ts";
import { diffKeyTrees, keyOf } from "../encoding/key-tree.ts";
import type { CacheKey, KeyDifference } from "../encoding/key-tree.ts";
import type { Digest } from "../encoding/digest.ts";
import { WarmstartError } from "../errors.ts";
import type { MetadataStore } from "../metadata-store/metadata-store.ts";
import type { ArtifactRecord } from "../model/artifact.ts";
import type { CacheEntry, ExecutionRecord } from "../model/execution.ts";
import type { RunId } from "../model/ids.ts";
import type { NodeSpec } from "../pipeline/pipeline-spec.ts";
import type { KeyedNode } from "../runtime/step-plan.ts";
import { fullTree } from "../runtime/step-publisher.ts";
import type { AsideByParameters, CompiledAside } from "./aside-by-parameters.ts";
import type { AsideRuns } from "./aside-runs.ts";
import type { OpenRepository } from "./open-repository.ts";
import { allExecutions } from "./recorded-runs.ts";

/** A stored result of the code before, and what the present code would be keyed as on the same inputs. */
export interface Candidate {
  readonly execution: ExecutionRecord;
  readonly entry: CacheEntry;
  readonly plan: KeyedPlan;
  /** Where it can be run again. */
  readonly aside: AsideRuns;
}

type KeyedPlan = KeyedNode & { readonly keyed: NonNullable<KeyedNode["keyed"]> };

/** A stored result that cannot be adopted, and why. */
export interface LeftResult {
  readonly execution: number;
  readonly run: number;
  readonly node: string;
  readonly reason: string;
}

export interface FoundCandidates {
  /** The newest first. */
  readonly candidates: readonly Candidate[];
  readonly left: readonly LeftResult[];
}

export interface CandidateInit {
  readonly open: OpenRepository;
  readonly pipeline: { readonly name: string };
  readonly asides: AsideByParameters;
  readonly step: string;
}

/**
 * The stored results of a step that differ from what the present code is keyed as in nothing but the code, and that the
 * code used last before it computed. Results that are retired or were never offered are passed over.
 */
export async function adoptionCandidates(init: CandidateInit): Promise<FoundCandidates> {
  return new CandidateSearch(init).run();
}

const LOOKED_UP_AT_ONCE = 500;

class CandidateSearch {
  readonly #init: CandidateInit;
  readonly #metadata: MetadataStore;
  readonly #compiled = new Map<RunId, CompiledAside | string>();
  /** The code before, by the present one: materializers of inputs make several of one step. */
  readonly #before = new Map<Digest, Digest>();
  readonly #candidates: Candidate[] = [];
  readonly #left: LeftResult[] = [];

  constructor(init: CandidateInit) {
    this.#init = init;
    this.#metadata = init.open.stack.metadata;
  }

  async run(): Promise<FoundCandidates> {
    const executions = await allExecutions({ step: this.#init.step, state: "COMPLETE" }, this.#metadata);
    for (let at = 0; at < executions.length; at += LOOKED_UP_AT_ONCE) {
      const some = executions.slice(at, at + LOOKED_UP_AT_ONCE);
      for (const { execution, entry } of await this.#offered(some)) await this.#consider(execution, entry);
    }
    return { candidates: this.#candidates, left: this.#left };
  }

  async #offered(executions: readonly ExecutionRecord[]): Promise<readonly Offered[]> {
    const keyed = executions.flatMap((execution) =>
      execution.key === undefined ? [] : [{ execution, key: execution.key }],
    );
    const found = await this.#metadata.lookup(keyed.map(({ key }) => key));
    return keyed.flatMap(({ execution }, index) => {
      const entry = found[index]?.entries.find(({ executionId }) => executionId === execution.id);
      return entry === undefined ? [] : [{ execution, entry }];
    });
  }

  async #consider(execution: ExecutionRecord, entry: CacheEntry): Promise<void> {
    const source = await this.#sourceOf(execution);
    const run = source === undefined ? undefined : await this.#metadata.run(source.runId);
    if (source === undefined || run?.pipeline !== this.#init.pipeline.name) return;
    const leave = (reason: string): void => {
      this.#left.push({ execution: execution.id, run: execution.runId, node: execution.nodeId, reason });
    };
    const compiled = await this.#compiledFor(source.runId, run.params);
    if (typeof compiled === "string") return leave(compiled);
    const plan = await this.#rebuilt(source, execution, compiled);
    if (typeof plan === "string") return leave(plan);
    const present = plan.keyed.identity.digest;
    if (execution.codeIdentity === undefined || execution.codeIdentity === present) return;
    const before = this.#before.get(present) ?? execution.codeIdentity;
    this.#before.set(present, before);
    if (before !== execution.codeIdentity) return leave("it was computed by older code than the one before");
    const whole = await this.#init.open.stack.artifacts.has(entry.outputs.flatMap(({ artifact }) => artifact.blobs));
    if (!whole.every(Boolean)) return leave("its stored output is no longer there");
    if (await isStored(keyOf(fullTree(plan.keyed.tree, entry.reads)), this.#metadata)) return;
    this.#candidates.push({ execution, entry, plan, aside: compiled.aside });
  }

  /** The execution of a pipeline's run: what was itself adopted was recorded apart from its pipeline. */
  async #sourceOf(execution: ExecutionRecord): Promise<ExecutionRecord | undefined> {
    let source: ExecutionRecord | undefined = execution;
    while (source?.accepted !== undefined) {
      source = source.originId === undefined ? undefined : await this.#metadata.execution(source.originId);
    }
    return source;
  }

  /** The same node on the same inputs with the present code; a text where more than the code differs. */
  async #rebuilt(
    source: ExecutionRecord,
    { key, inputs }: ExecutionRecord,
    { driver, nodes }: CompiledAside,
  ): Promise<KeyedPlan | string> {
    const stored = key === undefined ? undefined : await this.#metadata.keyTree(key);
    const artifacts = await this.#artifactsOf(inputs);
    if (stored === undefined || artifacts === undefined) return "what it was given is no longer there";
    const ofStep = nodesOf(this.#init.step, source.nodeId, nodes).filter((node) => takes(node, artifacts));
    let reason = "the pipeline has no such node with these parameters any more";
    for (const node of ofStep.toSorted((a, b) => Number(b.id === source.nodeId) - Number(a.id === source.nodeId))) {
      const plan = await driver.keyed(node, artifacts);
      if (plan.keyed === undefined) return plan.unkeyed?.text ?? "it cannot be keyed";
      const others = diffKeyTrees(stored, plan.keyed.tree).filter((difference) => !isOfCode(difference));
      if (others.length === 0) return { ...plan, keyed: plan.keyed };
      if (node.id === source.nodeId) reason = `not its code alone differs: ${describeDifferences(others)}`;
    }
    return reason;
  }

  async #compiledFor(runId: RunId, params: Readonly<Record<string, unknown>>): Promise<CompiledAside | string> {
    const known = this.#compiled.get(runId);
    if (known !== undefined) return known;
    const made = await this.#init.asides.of(params).catch((error: unknown) => {
      if (!(error instanceof WarmstartError)) throw error;
      return `the pipeline no longer takes the parameters of run ${runId}`;
    });
    this.#compiled.set(runId, made);
    return made;
  }

  async #artifactsOf(inputs: ExecutionRecord["inputs"]): Promise<ReadonlyMap<string, ArtifactRecord> | undefined> {
    const found = new Map<string, ArtifactRecord>();
    for (const { name, artifactId } of inputs) {
      const artifact = await this.#metadata.artifact(artifactId);
      if (artifact === undefined) return undefined;
      found.set(name, artifact);
    }
    return found;
  }
}

interface Offered {
  readonly execution: ExecutionRecord;
  readonly entry: CacheEntry;
}

/** Whether something is offered under a key: what the present code computed itself goes before anything adopted. */
export async function isStored(key: CacheKey, metadata: MetadataStore): Promise<boolean> {
  const [found] = await metadata.lookup([key]);
  return found !== undefined && found.entries.length > 0;
}

/** A name that several functions share says nothing of which one it was: then the node's id must. */
function nodesOf(step: string, id: string, nodes: readonly NodeSpec[]): readonly NodeSpec[] {
  const named = nodes.filter((node) => node.step === step);
  return new Set(named.map(({ stepKey }) => stepKey)).size > 1 ? named.filter((node) => node.id === id) : named;
}

/** Whether a node has exactly these inputs, by their labels. */
function takes(node: NodeSpec, artifacts: ReadonlyMap<string, ArtifactRecord>): boolean {
  const labels = node.properties.flatMap(({ inputs }) => inputs.map(({ label }) => label));
  return new Set(labels).size === artifacts.size && labels.every((label) => artifacts.has(label));
}

/** What was read is compared by running: it is no part of the weak tree. */
function isOfCode({ path: [head] }: KeyDifference): boolean {
  return head === "code" || head === "reads" || head === "env";
}
