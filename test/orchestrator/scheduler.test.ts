import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { Scheduler } from "../../src/orchestrator/scheduler.ts";
import type { ScheduledNode } from "../../src/orchestrator/scheduler.ts";

type Status = "open" | "taken" | "done" | "failed" | "canceled";

/** What the scheduler does, said as slowly and as plainly as possible. */
class Reference {
  readonly nodes: readonly ScheduledNode[];
  readonly status = new Map<string, Status>();

  constructor(nodes: readonly ScheduledNode[]) {
    this.nodes = nodes;
    for (const { id } of nodes) this.status.set(id, "open");
  }

  isReady({ id, needs }: ScheduledNode): boolean {
    return this.status.get(id) === "open" && needs.every((need) => this.status.get(need) === "done");
  }

  take(): readonly string[] {
    const ids = this.nodes.filter((node) => this.isReady(node)).map(({ id }) => id);
    for (const id of ids) this.status.set(id, "taken");
    return ids;
  }

  behind(id: string): ReadonlySet<string> {
    const found = new Set<string>();
    for (const node of this.nodes) if (node.needs.some((need) => need === id || found.has(need))) found.add(node.id);
    return found;
  }

  failed(id: string): readonly string[] {
    this.status.set(id, "failed");
    return this.cancelOpen((other) => this.behind(id).has(other));
  }

  cancelOpen(which: (id: string) => boolean): readonly string[] {
    const ids = this.nodes.map(({ id }) => id).filter((id) => this.status.get(id) === "open" && which(id));
    for (const id of ids) this.status.set(id, "canceled");
    return ids;
  }

  in(status: Status): readonly string[] {
    return this.nodes.map(({ id }) => id).filter((id) => this.status.get(id) === status);
  }

  get open(): number {
    return this.in("open").length + this.in("taken").length;
  }
}

const graphs: fc.Arbitrary<readonly ScheduledNode[]> = fc
  .array(fc.array(fc.nat(), { maxLength: 3 }), { minLength: 1, maxLength: 12 })
  .map((all) =>
    all.map((needs, index) => ({
      id: `n${index}`,
      needs: index === 0 ? [] : [...new Set(needs.map((need) => `n${need % index}`))],
    })),
  );

const moves = fc.array(
  fc.record({
    kind: fc.constantFrom(
      "take",
      "take",
      "done",
      "done",
      "done",
      "failed",
      "release",
      "reset",
      "canceled",
      "cancelAll",
    ),
    pick: fc.nat(),
  }),
  { maxLength: 60 },
);

function sorted(ids: readonly string[]): readonly string[] {
  return [...ids].sort();
}

describe("the scheduler", () => {
  test("does what the plain reference does, over random graphs and random moves", () => {
    fc.assert(
      fc.property(graphs, moves, (nodes, sequence) => {
        const scheduler = new Scheduler(nodes);
        const reference = new Reference(nodes);
        for (const move of sequence) {
          play(move, scheduler, reference);
          expect(scheduler.open).toBe(reference.open);
          expect(scheduler.finished).toBe(reference.open === 0);
        }
      }),
      { numRuns: 1000 },
    );
  });

  test("runs every graph to its end, each node after what it needs, when all goes well", () => {
    fc.assert(
      fc.property(graphs, (nodes) => {
        const scheduler = new Scheduler(nodes);
        const done = new Set<string>();
        for (let ids = scheduler.take(); ids.length > 0; ids = scheduler.take()) {
          for (const id of ids) {
            expect(nodes.find((node) => node.id === id)?.needs.every((need) => done.has(need))).toBe(true);
            scheduler.done(id);
            done.add(id);
          }
        }
        expect(scheduler.finished).toBe(true);
        expect(done.size).toBe(nodes.length);
      }),
    );
  });

  test("names what is behind a node, nearest first and each once", () => {
    fc.assert(
      fc.property(graphs, fc.nat(), (nodes, pick) => {
        const { id } = nodes[pick % nodes.length] as ScheduledNode;
        const behind = new Scheduler(nodes).behind(id);
        expect(new Set(behind)).toEqual(new Reference(nodes).behind(id));
        expect(new Set(behind).size).toBe(behind.length);
      }),
    );
  });

  test("a node that runs while what it needs is reset stays taken, and counts once when it is done", () => {
    const scheduler = new Scheduler([
      { id: "a", needs: [] },
      { id: "b", needs: ["a"] },
    ]);
    scheduler.take();
    scheduler.done("a");
    expect(scheduler.take()).toEqual(["b"]);
    scheduler.reset("a");
    expect(scheduler.take()).toEqual(["a"]);
    scheduler.done("a");
    expect(scheduler.take()).toEqual([]);
    scheduler.done("b");
    expect(scheduler.finished).toBe(true);
  });

  test("refuses a node that it does not have", () => {
    expect(() => new Scheduler([{ id: "a", needs: ["b"] }])).toThrow(/no node b/);
    expect(() => new Scheduler([]).done("a")).toThrow(/no node a/);
  });
});

function play(
  { kind, pick }: { readonly kind: string; readonly pick: number },
  scheduler: Scheduler,
  reference: Reference,
): void {
  const taken = reference.in("taken");
  const id = taken[pick % Math.max(1, taken.length)];
  if (kind === "take") expect(sorted(scheduler.take())).toEqual(sorted(reference.take()));
  else if (kind === "cancelAll") {
    if (pick % 5 === 0) expect(scheduler.cancelWaiting()).toEqual(reference.cancelOpen(() => true));
  } else if (kind === "reset") {
    const done = reference.in("done");
    const again = done[pick % Math.max(1, done.length)];
    if (again === undefined) return;
    scheduler.reset(again);
    reference.status.set(again, "open");
  } else if (id === undefined) return;
  else if (kind === "done") {
    scheduler.done(id);
    reference.status.set(id, "done");
  } else if (kind === "failed") expect(sorted(scheduler.failed(id))).toEqual(sorted(reference.failed(id)));
  else if (kind === "release") {
    scheduler.release(id);
    reference.status.set(id, "open");
  } else if (kind === "canceled") {
    scheduler.canceled(id);
    reference.status.set(id, "canceled");
  }
}
