import { digestOf } from "../../encoding/digest.ts";
import type { Digest } from "../../encoding/digest.ts";

/** A node as its digest is made: what it is, what it leads to in order, and what has an effect on it, in order. */
export interface DigestedNode {
  readonly own: Digest;
  /** Framed: no two different lists of references give the same sequence. */
  readonly refs: readonly { readonly to: number; readonly tag: string }[];
  readonly effects: readonly number[];
}

/**
 * Merkle digests of the nodes of one strongly connected component, all that they lead to outside of it having theirs.
 *
 * They are equal exactly where two nodes cannot be told apart by following references: nodes are given labels that say
 * what they are, classes of one label are split as long as their members lead to different labels, and the digest of a
 * node is its label and the whole labelled component. No place, file name or order of discovery is in it. The largest part
 * of a class keeps its label, so that splitting costs n log n steps however long a circle of alike nodes is.
 */
export function componentDigests(
  members: readonly number[],
  nodeAt: (id: number) => DigestedNode,
  digestAt: (id: number) => Digest,
): ReadonlyMap<number, Digest> {
  const [only] = members;
  if (members.length === 1 && only !== undefined && !leadsTo(nodeAt(only), only)) {
    return new Map([[only, digestOf(`node\n${describe(nodeAt(only), digestAt)}`)]]);
  }
  const labels = new Labels(members, nodeAt, digestAt);
  labels.refine();
  return labels.digests();
}

interface Part {
  readonly signature: string;
  readonly size: number;
  readonly members: () => readonly number[];
}

class Labels {
  readonly #nodeAt: (id: number) => DigestedNode;
  readonly #digestAt: (id: number) => Digest;
  readonly #labels = new Map<number, Digest>();
  readonly #referrers = new Map<number, number[]>();
  readonly #classes: Map<Digest, Set<number>>;
  /** Of the members of each class, as they were when it was last looked at. */
  readonly #signatures = new Map<Digest, string>();

  constructor(members: readonly number[], nodeAt: (id: number) => DigestedNode, digestAt: (id: number) => Digest) {
    this.#nodeAt = nodeAt;
    this.#digestAt = digestAt;
    const inside = new Set(members);
    for (const id of members) {
      // What lies outside tells nodes apart at once.
      const shown = describe(nodeAt(id), (to) => (inside.has(to) ? "in" : digestAt(to)));
      this.#labels.set(id, digestOf(`label\n${shown}`));
      for (const to of inner(nodeAt(id), inside)) append(this.#referrers, to, id);
    }
    const classes = groups(members, (id) => this.#labelOf(id));
    this.#classes = new Map([...classes].map(([label, alike]) => [label, new Set(alike)]));
  }

  refine(): void {
    for (let stale = [...this.#labels.keys()]; stale.length > 0; ) {
      const open = stale.filter((id) => (this.#classes.get(this.#labelOf(id))?.size ?? 0) > 1);
      // All signatures of a round are taken before any label changes: the order of nodes must not matter.
      const signatures = new Map(open.map((id) => [id, describe(this.#nodeAt(id), (to) => this.#seen(to))]));
      const relabelled = [...groups(open, (id) => this.#labelOf(id))].flatMap(([label, members]) =>
        this.#split(
          label,
          groups(members, (id) => signatures.get(id) ?? ""),
        ),
      );
      stale = [...new Set(relabelled.flatMap((id) => this.#referrers.get(id) ?? []))];
    }
  }

  digests(): ReadonlyMap<number, Digest> {
    const lines = new Set<string>();
    for (const [id, label] of this.#labels) lines.add(`${label} ${describe(this.#nodeAt(id), (to) => this.#seen(to))}`);
    const whole = digestOf(`component\n${[...lines].sort().join("\n")}`);
    return new Map([...this.#labels].map(([id, label]) => [id, digestOf(`member\n${label}\n${whole}`)]));
  }

  /**
   * Splits a class by signatures. `fresh` are the members whose signatures may be new; the others have the one that was the
   * class's. Gives what got a new label.
   */
  #split(label: Digest, fresh: ReadonlyMap<string, readonly number[]>): readonly number[] {
    const parts = this.#partsOf(label, fresh);
    const largest = Math.max(...parts.map(({ size }) => size));
    const candidates = parts.filter(({ size }) => size === largest);
    const [keeper] = candidates.length === 1 ? candidates : [];
    const moving = parts
      .filter((part) => part !== keeper)
      .map(({ signature, members }) => [signature, members()] as const);
    if (keeper !== undefined) this.#signatures.set(label, keeper.signature);
    for (const [signature, members] of moving) this.#move(label, signature, members);
    return moving.flatMap(([, members]) => members);
  }

  #partsOf(label: Digest, fresh: ReadonlyMap<string, readonly number[]>): readonly Part[] {
    const all = this.#classes.get(label) ?? new Set();
    const known = this.#signatures.get(label) ?? "";
    const rest = all.size - [...fresh.values()].reduce((sum, { length }) => sum + length, 0);
    const parts = [...fresh].map(
      ([signature, members]): Part => ({ signature, size: members.length, members: () => members }),
    );
    if (rest === 0) return parts;
    const others = parts.filter(({ signature }) => signature !== known);
    const members = (): readonly number[] => {
      const elsewhere = new Set(others.flatMap((part) => part.members()));
      return [...all].filter((id) => !elsewhere.has(id));
    };
    return [...others, { signature: known, size: rest + (fresh.get(known)?.length ?? 0), members }];
  }

  #move(label: Digest, signature: string, members: readonly number[]): void {
    const next = digestOf(`split\n${label}\n${signature}`);
    const left = this.#classes.get(label);
    for (const id of members) {
      this.#labels.set(id, next);
      left?.delete(id);
    }
    this.#classes.set(next, new Set(members));
    this.#signatures.set(next, signature);
  }

  #seen(to: number): string {
    return this.#labels.get(to) ?? this.#digestAt(to);
  }

  #labelOf(id: number): Digest {
    return this.#labels.get(id) as Digest;
  }
}

/** One text for what a node is and leads to. */
function describe(node: DigestedNode, called: (id: number) => string): string {
  let text: string = node.own;
  for (const { to, tag } of node.refs) text += ` ${called(to)}${JSON.stringify(tag)}`;
  const effects = node.effects.map(called);
  return effects.length === 0 ? text : `${text} effects ${effects.join(" ")}`;
}

function leadsTo(node: DigestedNode, id: number): boolean {
  return node.refs.some(({ to }) => to === id) || node.effects.includes(id);
}

function inner(node: DigestedNode, inside: ReadonlySet<number>): ReadonlySet<number> {
  return new Set([...node.refs.map(({ to }) => to), ...node.effects].filter((to) => inside.has(to)));
}

function groups<K>(members: readonly number[], keyOf: (id: number) => K): Map<K, readonly number[]> {
  const found = new Map<K, number[]>();
  for (const id of members) append(found, keyOf(id), id);
  return found;
}

function append<K>(into: Map<K, number[]>, key: K, value: number): void {
  const list = into.get(key);
  if (list === undefined) into.set(key, [value]);
  else list.push(value);
}
