import { PipelineError } from "../errors.ts";
import type { SourceLocation } from "../model/source-location.ts";
import { deepFreeze } from "../util/deep-freeze.ts";
import { formatPlace } from "./call-site.ts";
import { createHandle } from "./handle.ts";
import { NodeIds } from "./node-ids.ts";
import type { Output } from "./output.ts";
import { createOutputRecord } from "./output-record.ts";
import type { InputSource, NodeSpec, PropertySpec } from "./pipeline-spec.ts";
import { openBuilders, runningStep, withBuilder } from "./running-step.ts";
import type { CachePolicy } from "./step-options.ts";
import type { StepDefinition, StepTable } from "./step-table.ts";

/** The settings of an inner pipeline, which its nodes take over. */
export interface InnerSettings {
  readonly cache?: CachePolicy;
  readonly trust?: readonly string[];
}

/** What a call of a step adds. */
export interface NodeCall {
  readonly definition: StepDefinition;
  readonly properties: readonly PropertySpec[];
  readonly after: readonly string[];
  readonly id: string | undefined;
  readonly at: SourceLocation;
}

/** The state of one builder while it runs: the nodes so far, in order of call, which is a topological order. */
export class Graph {
  /** Of the outermost pipeline. */
  readonly pipeline: string;
  readonly #nodes: NodeSpec[] = [];
  readonly #ids = new NodeIds();
  readonly #steps = new Map<string, StepDefinition>();
  readonly #stepKeys = new Map<StepDefinition, string>();
  readonly #keysOfName = new Map<string, number>();
  #inner: InnerSettings = {};

  constructor(pipeline: string) {
    this.pipeline = pipeline;
  }

  get nodes(): readonly NodeSpec[] {
    return this.#nodes;
  }

  get steps(): StepTable {
    return this.#steps;
  }

  /** Runs the outermost builder with this graph as the one that calls of steps add to. */
  build<T>(builder: () => T): T {
    return withBuilder(this, builder);
  }

  /** Runs the builder of an inner pipeline, whose nodes join this graph. */
  buildInner<T>(settings: InnerSettings, builder: () => T): T {
    const outer = this.#inner;
    this.#inner = innermost(outer, settings);
    try {
      return builder();
    } finally {
      this.#inner = outer;
    }
  }

  /** Adds a node and gives the handles of its outputs: one, or a record where several are declared. */
  addNode(call: NodeCall): unknown {
    const { definition, at } = call;
    const id = this.#ids.take(definition.name, call.id, at);
    const node: NodeSpec = {
      id,
      step: definition.name,
      stepKey: this.#stepKey(definition),
      properties: call.properties,
      after: call.after,
      outputs: definition.outputs,
      at,
      ...this.#inner,
    };
    this.#nodes.push(deepFreeze(node));
    return this.#handlesOf(node, definition.manyOutputs);
  }

  /** A handle to a stored artifact. */
  addArtifact(source: InputSource, label: string, at: SourceLocation): Output<unknown> {
    return createHandle({ graph: this, source, label, at });
  }

  #handlesOf(node: NodeSpec, many: boolean): unknown {
    const handle = (output: string): Output<unknown> =>
      createHandle({
        graph: this,
        source: Object.freeze({ kind: "node", node: node.id, output }),
        label: many ? `${node.id}.${output}` : node.id,
        at: node.at,
      });
    if (!many) return handle("output");
    const outputs = Object.fromEntries(node.outputs.map(({ name }) => [name, handle(name)]));
    return createOutputRecord(outputs, node.id, node.at);
  }

  /** Numbered by first use in this graph, so that the same pipeline gives the same keys in every process. */
  #stepKey(definition: StepDefinition): string {
    const known = this.#stepKeys.get(definition);
    if (known !== undefined) return known;
    const count = (this.#keysOfName.get(definition.name) ?? 0) + 1;
    const key = count === 1 ? definition.name : `${definition.name}#${count}`;
    this.#keysOfName.set(definition.name, count);
    this.#stepKeys.set(definition, key);
    this.#steps.set(key, definition);
    return key;
  }
}

/** What is called where only a builder can use it. */
export interface BuilderCall {
  /** "Step `train`", "Pipeline `folds`", "`artifact(…)`". */
  readonly what: string;
  readonly at: SourceLocation;
  /** What to do instead where there is no builder at all. */
  readonly outside: string;
  /** What to do instead inside a running step. */
  readonly inStep: string;
}

/**
 * The graph that the running builder adds to.
 *
 * @throws PipelineError (`WS_STEP_IN_STEP`, `WS_OUTSIDE_PIPELINE`) where no builder is running.
 */
export function requireGraph(call: BuilderCall): Graph {
  const builders = openBuilders();
  const step = runningStep();
  if (step !== undefined && builders.length <= step.openBuilders) {
    throw new PipelineError("WS_STEP_IN_STEP", {
      message: `${call.what} was called inside the running step \`${step.name}\` (${formatPlace(call.at)}).`,
      hint: call.inStep,
      details: { at: call.at, runningStep: step.name },
    });
  }
  const graph = builders.at(-1);
  if (graph !== undefined) return graph as Graph;
  throw new PipelineError("WS_OUTSIDE_PIPELINE", {
    message: `${call.what} was called outside a pipeline (${formatPlace(call.at)}).`,
    hint: call.outside,
    details: { at: call.at },
  });
}

function innermost(outer: InnerSettings, inner: InnerSettings): InnerSettings {
  const cache = inner.cache ?? outer.cache;
  const trust = [...new Set([...(outer.trust ?? []), ...(inner.trust ?? [])])];
  return { ...(cache === undefined ? {} : { cache }), ...(trust.length === 0 ? {} : { trust }) };
}
