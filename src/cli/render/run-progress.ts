import type { Clock } from "../../util/clock.ts";
import type { RunEvent, StartedNode } from "../../runtime/run-event.ts";
import { nameWidthOf } from "./step-row.ts";
import type { Progress } from "./progress-bar.ts";
import type { RemarkedNode } from "./remark-lines.ts";

export interface RunningStep {
  readonly nodeId: string;
  readonly reason: string;
  /** Monotonic milliseconds. */
  readonly since: number;
  readonly progress: Progress | undefined;
}

/** What is known of a run from its events so far: what a view needs beside the event at hand. */
export class RunProgress {
  readonly #clock: Clock;
  readonly #nodes = new Map<string, StartedNode>();
  readonly #running = new Map<string, RunningStep>();
  readonly #notOffered: NotOffered[] = [];
  readonly #remarked: RemarkedNode[] = [];
  readonly #lastProgress = new Map<string, Progress>();
  #settled = 0;
  #began = 0;
  nameWidth = 10;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Steps that compute now, the longest first. */
  get running(): readonly RunningStep[] {
    return [...this.#running.values()];
  }

  get total(): number {
    return this.#nodes.size;
  }

  get settled(): number {
    return this.#settled;
  }

  get elapsedMs(): number {
    return this.#clock.monotonic() - this.#began;
  }

  get notOffered(): readonly NotOffered[] {
    return this.#notOffered;
  }

  get remarked(): readonly RemarkedNode[] {
    return this.#remarked;
  }

  progressOf(nodeId: string): Progress | undefined {
    return this.#lastProgress.get(nodeId);
  }

  observe(event: RunEvent): void {
    switch (event.kind) {
      case "run-started":
        this.#began = this.#clock.monotonic();
        for (const node of event.nodes) this.#nodes.set(node.id, node);
        this.nameWidth = nameWidthOf(this.#nodes.keys());
        break;
      case "step-started":
        this.#start(event);
        break;
      case "step-progress":
        this.#advance(event);
        break;
      case "step-computed":
        if (event.notOffered !== undefined)
          this.#notOffered.push({ ...event.notOffered, node: this.#node(event.nodeId) });
        if (event.remarks !== undefined) this.#remarked.push({ id: event.nodeId, remarks: event.remarks });
        this.#settle(event.nodeId);
        break;
      case "step-reused":
      case "step-failed":
      case "step-canceled":
        this.#settle(event.nodeId);
        break;
      default:
        break;
    }
  }

  #start({ nodeId, reason }: Extract<RunEvent, { kind: "step-started" }>): void {
    this.#lastProgress.delete(nodeId);
    this.#running.set(nodeId, { nodeId, reason: reason.text, since: this.#clock.monotonic(), progress: undefined });
  }

  #advance({ nodeId, done, total }: Extract<RunEvent, { kind: "step-progress" }>): void {
    const progress = { done, ...(total === undefined ? {} : { total }) };
    this.#lastProgress.set(nodeId, progress);
    const step = this.#running.get(nodeId);
    if (step !== undefined) this.#running.set(nodeId, { ...step, progress });
  }

  #settle(nodeId: string): void {
    this.#running.delete(nodeId);
    this.#settled++;
  }

  #node(id: string): StartedNode {
    return this.#nodes.get(id) ?? { id, step: id };
  }
}

/** A result that was stored and will not be offered, and whose. */
export type NotOffered = NonNullable<Extract<RunEvent, { kind: "step-computed" }>["notOffered"]> & {
  readonly node: StartedNode;
};
