import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { componentDigests } from "../../../src/code-identity/symbols/component-digests.ts";
import { componentsOf } from "../../../src/code-identity/symbols/components.ts";
import { digestOf } from "../../../src/encoding/digest.ts";
import type { Digest } from "../../../src/encoding/digest.ts";

interface Piece {
  readonly own: string;
  readonly refs: readonly { readonly to: number; readonly tag: string }[];
  readonly effects: readonly number[];
}

/** Digests of all nodes of a graph. */
function digestsOf(graph: readonly Piece[], order: readonly number[] = graph.map((_, id) => id)): readonly Digest[] {
  const found: Digest[] = [];
  const at = (id: number): Piece => graph[id] as Piece;
  const next = (id: number): readonly number[] => [...at(id).refs.map(({ to }) => to), ...at(id).effects];
  for (const component of componentsOf(order, next, () => false)) {
    const digests = componentDigests(
      component,
      (id) => ({ ...at(id), own: digestOf(at(id).own) }),
      (id) => found[id] as Digest,
    );
    for (const [id, digest] of digests) found[id] = digest;
  }
  return found;
}

/** Nodes that cannot be told apart by any path, by comparing all of them until nothing changes: slow and plain. */
function classesOf(graph: readonly Piece[]): readonly number[] {
  let classes = numbered(graph.map(({ own }) => own));
  for (;;) {
    const now = classes;
    const shown = graph.map(({ own, refs, effects }, id) => {
      const seen = effects.map((to) => now[to] ?? -1);
      return JSON.stringify([now[id], own, refs.map(({ to, tag }) => [now[to], tag]), seen]);
    });
    classes = numbered(shown);
    if (new Set(classes).size === new Set(now).size) return classes;
  }
}

function numbered(texts: readonly string[]): readonly number[] {
  const distinct = [...new Set(texts)];
  return texts.map((text) => distinct.indexOf(text));
}

/** Few kinds of nodes and many edges, so that circles of alike nodes are common. */
const graphs: fc.Arbitrary<readonly Piece[]> = fc.integer({ min: 1, max: 12 }).chain((size) => {
  const node = fc.integer({ min: 0, max: size - 1 });
  const piece = fc.record({
    own: fc.constantFrom("a", "b"),
    refs: fc.array(fc.record({ to: node, tag: fc.constantFrom("", "x") }), { maxLength: 3 }),
    effects: fc.uniqueArray(node, { maxLength: 2 }),
  });
  return fc.array(piece, { minLength: size, maxLength: size });
});

const permuted = graphs.chain((graph) =>
  fc.record({
    graph: fc.constant(graph),
    places: fc.shuffledSubarray(
      graph.map((_, id) => id),
      { minLength: graph.length, maxLength: graph.length },
    ),
  }),
);

/** `places[old]` is the new place of a node. */
function moved(graph: readonly Piece[], places: readonly number[]): readonly Piece[] {
  const result: Piece[] = [];
  for (const [id, { own, refs, effects }] of graph.entries()) {
    result[places[id] as number] = {
      own,
      refs: refs.map(({ to, tag }) => ({ to: places[to] as number, tag })),
      effects: effects.map((to) => places[to] as number),
    };
  }
  return result;
}

function circle(owns: readonly string[]): readonly Piece[] {
  return owns.map((own, id) => ({ own, refs: [{ to: (id + 1) % owns.length, tag: "" }], effects: [] }));
}

describe("digests of components", () => {
  test("do not depend on where nodes are, or in which order they are found", () => {
    fc.assert(
      fc.property(permuted, ({ graph, places }) => {
        const before = digestsOf(graph);
        const after = digestsOf(moved(graph, places), [...places]);
        expect(places.map((place) => after[place])).toEqual(before);
      }),
      { numRuns: 500 },
    );
  });

  test("differ wherever two nodes can be told apart by following references", () => {
    fc.assert(
      fc.property(graphs, graphs, (one, other) => {
        const both = [
          ...one,
          ...moved(
            other,
            other.map((_, id) => id + one.length),
          ).slice(one.length),
        ];
        const classes = classesOf(both);
        const digests = digestsOf(both);
        for (let a = 0; a < both.length; a++) {
          for (let b = 0; b < a; b++) if (digests[a] === digests[b]) expect(classes[a]).toBe(classes[b]);
        }
      }),
      { numRuns: 500 },
    );
  });

  test("change in all nodes that lead to one which changed, and in no other", () => {
    fc.assert(
      fc.property(graphs, fc.nat(), (graph, at) => {
        const changed = at % graph.length;
        const before = digestsOf(graph);
        const after = digestsOf(graph.map((piece, id) => (id === changed ? { ...piece, own: "c" } : piece)));
        const leading = leadingTo(graph, changed);
        for (const id of graph.keys()) expect(after[id] !== before[id]).toBe(leading.has(id));
      }),
      { numRuns: 500 },
    );
  });

  test("tell which of two functions of a circle is called where", () => {
    const graph = (first: number, second: number): readonly Piece[] => [
      {
        own: "f",
        refs: [
          { to: first, tag: "" },
          { to: second, tag: "" },
        ],
        effects: [],
      },
      { own: "g", refs: [{ to: 0, tag: "" }], effects: [] },
      { own: "h", refs: [{ to: 0, tag: "" }], effects: [] },
    ];
    expect(digestsOf(graph(1, 2))[0]).not.toBe(digestsOf(graph(2, 1))[0]);
  });

  test("tell circles of alike nodes by their lengths where one node differs", () => {
    const of = (length: number): Digest => digestsOf(circle(["x", ...Array.from({ length }, () => "a")]))[0] as Digest;
    expect(new Set([1, 2, 3, 50, 51].map(of)).size).toBe(5);
  });

  test("of a circle of thousands of alike nodes take no more than a moment", () => {
    const digests = digestsOf(circle(["x", ...Array.from({ length: 4000 }, () => "a")]));
    expect(new Set(digests).size).toBe(4001);
  }, 10_000);
});

function leadingTo(graph: readonly Piece[], target: number): ReadonlySet<number> {
  const found = new Set([target]);
  for (let size = 0; size < found.size; ) {
    size = found.size;
    for (const [id, { refs, effects }] of graph.entries()) {
      if (refs.some(({ to }) => found.has(to)) || effects.some((to) => found.has(to))) found.add(id);
    }
  }
  return found;
}
