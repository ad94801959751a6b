import { createHash } from "node:crypto";
import { Repository } from "warmstart";
import type { Pipeline } from "warmstart";
import { compilePipeline } from "../../src/pipeline/compile-pipeline.ts";
import type { Bench, Benchmark } from "./harness/bench.ts";
import { runProgram } from "./harness/program.ts";
import { Project } from "./harness/project.ts";

type Shape = "chain" | "fan" | "wide";
type Shapes = Readonly<Record<Shape, Pipeline<{ count: number }, unknown>>>;

const LARGE = 100_000;

export const benchmark: Benchmark = {
  name: "graph",
  about:
    "Compiling and planning graphs on an empty repository, against building the same graph of plain objects, hashing each node as JSON and ordering it. A plan keys and looks up every node whose inputs are known: one of a chain or a fan (the rest depends on it), all of a wide graph.",
  async run(bench) {
    using project = new Project({ "plan.ts": planProgram() });
    const shapes = await project.import<Shapes>("shapes.ts");
    await using repository = await Repository.open({ from: project.root });
    for (const shape of ["chain", "fan", "wide"] as const) {
      for (const count of [1_000, 10_000]) await compareShape(bench, repository, { shapes, shape, count });
    }
    await compareLarge(bench, project);
  },
};

interface Case {
  readonly shapes: Shapes;
  readonly shape: Shape;
  readonly count: number;
}

async function compareShape(bench: Bench, repository: Repository, { shapes, shape, count }: Case): Promise<void> {
  const title = `${shape} of ${count.toLocaleString("en")}`;
  const floor = { name: "plain objects", run: () => plainGraph(shape, count) };
  const compile = async (): Promise<void> => void (await compilePipeline(shapes[shape], { count }));
  const plan = async (): Promise<void> => void (await repository.plan(shapes[shape], { count }));
  await bench.compare({ what: `${title}: compile`, ours: compile, floor });
  await bench.compare({ what: `${title}: compile and plan`, ours: plan, floor });
}

async function compareLarge(bench: Bench, project: Project): Promise<void> {
  for (const shape of ["chain", "fan", "wide"] as const) {
    const title = `${shape} of ${LARGE.toLocaleString("en")}: compile and plan`;
    const taken = { ms: 0, megabytes: 0 };
    await bench.compare({
      what: title,
      rounds: 3,
      warmUp: 0,
      ours: async () => {
        Object.assign(taken, JSON.parse(await runProgram(["plan.ts", shape], project.root)));
        return taken.ms;
      },
      floor: { name: "plain objects", run: () => plainGraph(shape, LARGE) },
      budget: { kind: "at-most", limit: 6_000 },
    });
    const peak = (): number => taken.megabytes;
    await bench.compare({
      what: `${title}, peak memory of the process`,
      unit: "MB",
      rounds: 1,
      warmUp: 0,
      ours: peak,
      budget: { kind: "at-most", limit: 1_000 },
    });
  }
}

function planProgram(): string {
  return `import { Repository } from "warmstart";
import * as shapes from "./shapes.ts";
const shape = shapes[process.argv[2] as keyof typeof shapes];
await using repository = await Repository.open();
const began = performance.now();
await repository.plan(shape, { count: ${LARGE} });
const ms = performance.now() - began;
process.stdout.write(JSON.stringify({ ms, megabytes: process.resourceUsage().maxRSS / 1024 }));
`;
}

interface PlainNode {
  readonly id: string;
  readonly config: { readonly by: number };
  readonly needs: readonly string[];
  digest: string;
}

/** Builds, hashes and orders a graph with nothing of what makes ours safe. */
function plainGraph(shape: Shape, count: number): number | undefined {
  const began = performance.now();
  const nodes = new Map<string, PlainNode>();
  for (let by = 0; by < count; by++) {
    const behind = by === 0 || shape === "wide" ? [] : [shape === "chain" ? `next-${by - 1}` : "next-0"];
    nodes.set(`next-${by}`, { id: `next-${by}`, config: { by }, needs: behind, digest: "" });
  }
  for (const node of nodes.values())
    node.digest = createHash("sha256").update(JSON.stringify(node.config)).digest("hex");
  const ordered = orderOf(nodes);
  if (ordered !== count) throw new Error(`${ordered} of ${count} nodes were ordered`);
  return performance.now() - began;
}

function orderOf(nodes: ReadonlyMap<string, PlainNode>): number {
  const dependants = new Map<string, string[]>();
  const missing = new Map<string, number>();
  for (const { id, needs } of nodes.values()) {
    missing.set(id, needs.length);
    for (const need of needs) {
      const behind = dependants.get(need);
      if (behind === undefined) dependants.set(need, [id]);
      else behind.push(id);
    }
  }
  const ready = [...missing].flatMap(([id, count]) => (count === 0 ? [id] : []));
  for (const id of ready) {
    for (const behind of dependants.get(id) ?? []) {
      const left = (missing.get(behind) ?? 0) - 1;
      missing.set(behind, left);
      if (left === 0) ready.push(behind);
    }
  }
  return ready.length;
}
