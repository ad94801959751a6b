import { lazy } from "../../util/lazy.ts";
import { holdsObject, isDefinition, isForeign } from "./symbol-node.ts";
import type { SymbolNode } from "./symbol-node.ts";

/** What there is to say of the code that is reached from somewhere, told once for all that reach the same. */
export interface ReachedCode {
  readonly ids: readonly number[];
  readonly nodes: readonly SymbolNode[];
  /** What can be changed in place. */
  readonly objects: readonly number[];
  readonly classes: readonly number[];
  readonly packages: readonly number[];
  /** Where code is written that runs without a call in sight. */
  readonly hiding: readonly number[];
  readonly hasForeign: boolean;
  readonly matches: boolean;
  readonly replaces: boolean;
  readonly writesHanded: boolean;
  readonly writesThis: boolean;
  readonly writesGlobal: boolean;
  /** Names that are written to anywhere in it, and whatever may be the same. */
  readonly written: () => readonly number[];
  readonly writesForeign: () => boolean;
  /** What gives something else when it is asked again. */
  readonly advanced: () => readonly number[];
  /** Classes that static methods may be called on. */
  readonly passedClasses: () => readonly number[];
}

type Later = "written" | "writesForeign" | "advanced" | "passedClasses";

export function reachedCode(
  ids: readonly number[],
  nodeAt: (id: number) => SymbolNode,
  ask: { readonly [K in Later]: (code: ReachedCode) => ReturnType<ReachedCode[K]> },
): ReachedCode {
  const nodes = ids.map(nodeAt);
  const own = nodes.filter((node) => !isDefinition(node));
  const idsOf = (found: readonly SymbolNode[]): readonly number[] => found.map(({ id }) => id);
  const code: ReachedCode = {
    ids,
    nodes,
    objects: idsOf(own.filter(holdsObject)),
    classes: idsOf(own.filter((node) => !holdsObject(node) && node.unit?.holds === "class")),
    packages: idsOf(nodes.filter(({ kind }) => kind === "package")),
    hiding: idsOf(own.filter(({ unit }) => unit?.facts.hides === true)),
    hasForeign: nodes.some(isForeign),
    matches: nodes.some(({ unit }) => unit?.facts.matches === true),
    replaces: nodes.some(({ unit }) => unit?.facts.replaces === true),
    writesHanded: nodes.some(({ unit }) => unit?.facts.writesHanded === true),
    writesThis: nodes.some(({ unit }) => unit?.facts.writesThis === true),
    writesGlobal: own.some(({ unit }) => unit?.facts.writesGlobal === true),
    written: lazy(() => ask.written(code)),
    writesForeign: lazy(() => ask.writesForeign(code)),
    advanced: lazy(() => ask.advanced(code)),
    passedClasses: lazy(() => ask.passedClasses(code)),
  };
  return code;
}
