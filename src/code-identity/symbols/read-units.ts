import { jsxPragmasIn } from "../jsx-factory.ts";
import { ScopeWalk } from "../scope-walk.ts";
import { parseSource, positionsOf, walkTree } from "../syntax.ts";
import type { SyntaxNode } from "../syntax.ts";
import { holdsOf } from "./held-value.ts";
import { outlineOf } from "./module-outline.ts";
import type { ModuleOutline, UnitDraft } from "./module-outline.ts";
import { isCreateRequire } from "./module-request.ts";
import type { ModuleUnits, Unit, UnitFacts } from "./module-units.ts";
import { UnitState } from "./unit-state.ts";
import type { MetRoot, ModuleContext } from "./unit-state.ts";
import { UnitWalk } from "./unit-walk.ts";
import { CALLED, DISCARDED, GIVEN, HANDED, PASSED, SETS, WRITTEN } from "./value-flow.ts";
import { valueOf } from "./value-reader.ts";

/** Whether a specifier leads to Warmstart, whose calls define steps and run nothing of the user's. */
export type IsOwnPackage = (specifier: string) => boolean;

/**
 * Takes a module apart into its top-level units, and the functions at `rootPaths` (`FunctionEntry.path`) out of them. A path
 * that names no function of the module is left out.
 *
 * @throws CodeIdentityError (`WS_SOURCE_SYNTAX`) naming file and line, or the file when it is nested too deeply.
 * @example readUnits("a.ts", "export const k = 1;", []).units[0]?.name // "k"
 */
export function readUnits(
  path: string,
  text: string,
  rootPaths: readonly string[],
  isOwnPackage: IsOwnPackage = isWarmstart,
): ModuleUnits {
  const program: unknown = parseSource(path, text).program;
  return walkTree(path, () => new ModuleReader(path, text, program as SyntaxNode, isOwnPackage).read(rootPaths));
}

function isWarmstart(specifier: string): boolean {
  return specifier === "warmstart" || specifier.startsWith("warmstart/");
}

class ModuleReader {
  readonly #path: string;
  readonly #program: SyntaxNode;
  readonly #outline: ModuleOutline;
  readonly #positionAt: ReturnType<typeof positionsOf>;
  readonly #text: string;
  readonly #isOwnPackage: IsOwnPackage;

  constructor(path: string, text: string, program: SyntaxNode, isOwnPackage: IsOwnPackage) {
    this.#path = path;
    this.#text = text;
    this.#program = program;
    this.#isOwnPackage = isOwnPackage;
    this.#positionAt = positionsOf(text);
    this.#outline = outlineOf(program);
  }

  read(rootPaths: readonly string[]): ModuleUnits {
    const asked = this.#findRoots(rootPaths);
    const context = this.#context(new Set([...asked.values()].map(({ node }) => node)));
    const read = this.#outline.drafts.map((draft) => readUnit(draft, context));
    const assigned = new Set(read.flatMap(({ state }) => [...state.assigned]));
    const units = read.map(({ unit, draft }) => ({ ...unit, holds: holdsOf(draft, assigned, this.#outline) }));
    const { bindings, exports, stars } = this.#outline;
    return {
      units: markDrivers(units, bindings),
      bindings,
      exports,
      stars,
      requests: this.#requests(context),
      commonjs: this.#isCommonjs(context),
      roots: this.#roots(asked, context),
    };
  }

  #context(asked: ReadonlySet<SyntaxNode>): ModuleContext {
    const context: ModuleContext = {
      ...this.#outline,
      lineAt: (offset) => this.#positionAt(offset).line,
      isOwnPackage: this.#isOwnPackage,
      loaders: new Set(),
      pragmas: jsxPragmasIn(this.#text),
      asked,
      met: new Map(),
      usesExports: false,
      evaluatedRequires: [],
    };
    addLoaders(context);
    return context;
  }

  /** The asked functions with what they capture, by path. */
  #findRoots(paths: readonly string[]): ReadonlyMap<string, AskedRoot> {
    if (paths.length === 0) return new Map();
    const walk = new ScopeWalk(this.#positionAt);
    walk.run(this.#program);
    const captures = new Map(walk.table().functions.map((entry) => [entry.path, entry.captures]));
    return new Map(
      paths.flatMap((path) => {
        const node = walk.nodeAt(path);
        return node === undefined ? [] : [[path, { node, captures: captures.get(path) ?? [] }] as const];
      }),
    );
  }

  #roots(asked: ReadonlyMap<string, AskedRoot>, context: ModuleContext): ReadonlyMap<string, Unit> {
    const roots = new Map<string, Unit>();
    for (const [path, root] of asked) {
      const met = context.met.get(root.node);
      if (met !== undefined) roots.set(path, readRoot(path, root, met, context));
    }
    return roots;
  }

  #requests(context: ModuleContext): ModuleUnits["requests"] {
    const required = context.evaluatedRequires.map((found) => ({ ...found, request: "require" as const }));
    const all = [...this.#outline.requests, ...required].sort((a, b) => a.start - b.start);
    return all.map(({ specifier, request, start }) => ({ specifier, request, line: context.lineAt(start) }));
  }

  #isCommonjs(context: ModuleContext): boolean {
    if (this.#outline.exportAssignment) return true;
    if (this.#outline.esm) return false;
    return /\.c[jt]s$/.test(this.#path) || context.usesExports || context.evaluatedRequires.length > 0;
  }
}

interface AskedRoot {
  readonly node: SyntaxNode;
  readonly captures: readonly string[];
}

interface ReadUnit {
  readonly unit: Omit<Unit, "holds">;
  readonly draft: UnitDraft;
  readonly state: UnitState;
}

function readUnit(draft: UnitDraft, context: ModuleContext): ReadUnit {
  const state = new UnitState(context, draft.index);
  const walk = new UnitWalk(state, draft);
  state.text.word(draft.kind);
  if (context.strictDirective) state.text.word("strict");
  if (draft.earlier !== undefined) walk.reference(state.reference({ kind: "unit", unit: draft.earlier }));
  if (draft.specifier === undefined) walkDraft(draft, walk);
  else walk.reference(state.reference({ kind: "module", specifier: draft.specifier, request: "import" }));
  const { name, names, kind } = draft;
  return { unit: { name, names, kind, ...placeOf(draft.whole, context), ...resultOf(walk) }, draft, state };
}

function walkDraft(draft: UnitDraft, walk: UnitWalk): void {
  const { state } = walk;
  // Whatever a statement defines it may call at once.
  state.invoked = draft.kind === "statement";
  if (draft.node.type === "VariableDeclarator") return walk.declarator(draft.node, draft.variable ?? "const");
  if (draft.variable === "default" || draft.variable === "export=") state.text.word(draft.variable);
  walk.visit(draft.node);
  if (draft.variable === "default") state.flow.mark(valueOf(draft.node, state), GIVEN);
}

function readRoot(path: string, { node, captures }: AskedRoot, met: MetRoot, context: ModuleContext): Unit {
  const state = new UnitState(context, met.unit, met.scope, captures);
  const walk = new UnitWalk(state, undefined);
  state.text.word("root");
  if (context.strictDirective) state.text.word("strict");
  if (met.member !== undefined) walkMemberName(met.member, walk);
  walk.visit(node);
  const place = placeOf(met.member ?? node, context);
  const holds = node.type.startsWith("Class") ? "class" : "function";
  return { name: path, names: [], kind: "root", holds, ...place, ...resultOf(walk) };
}

/** The name that a method is called by; a computed one is no part of it. */
function walkMemberName(member: SyntaxNode, walk: UnitWalk): void {
  const { text } = walk.state;
  text.word("member");
  text.text(String(member["kind"]));
  text.flag(member["static"] === true);
  if (member["computed"] !== true) walk.key(member["key"] as SyntaxNode, false);
}

function placeOf({ start, end }: SyntaxNode, context: ModuleContext): Pick<Unit, "line" | "start" | "end"> {
  return { line: context.lineAt(start), start, end };
}

type Result = Omit<Unit, "name" | "names" | "kind" | "holds" | "line" | "start" | "end">;

function resultOf({ state, notices }: UnitWalk): Result {
  state.flow.settle();
  const { flags, warnings, warningLines, environment, localeSensitive } = notices;
  return {
    own: state.text.digest(),
    references: state.references,
    facts: factsOf(state),
    globals: [...state.globals],
    flags,
    warnings,
    warningLines,
    environment,
    localeSensitive,
  };
}

function factsOf(state: UnitState): UnitFacts {
  const marked = (marks: number): readonly number[] =>
    state.origins.flatMap((origin, number) => ((origin.marks & marks) === 0 ? [] : [number]));
  const { handed, self, global } = state;
  return {
    runs: state.runs,
    reads: state.reads,
    hides: state.hides || state.generates,
    writes: marked(WRITTEN),
    writesHanded: (handed.marks & WRITTEN) !== 0,
    writesThis: (self.marks & WRITTEN) !== 0,
    keeps: state.generates || (state.enclosed.marks & WRITTEN) !== 0,
    sticky: state.sticky,
    steps: state.steps,
    matches: state.matches,
    replaces: state.replaces,
    gives: marked(GIVEN),
    givesGlobal: (global.marks & GIVEN) !== 0,
    writesGlobal: (global.marks & WRITTEN) !== 0,
    calls: marked(CALLED),
    sets: marked(SETS),
    hands: marked(HANDED),
    passes: marked(PASSED),
    callsUnknown: ((handed.marks | global.marks) & DISCARDED) !== 0,
    defines: state.defines,
  };
}

/** What calls something that Warmstart made, a pipeline or a repository, drives the program. */
function markDrivers(units: readonly Unit[], bindings: ModuleUnits["bindings"]): readonly Unit[] {
  const defines = new Set(units.flatMap((unit, index) => (unit.facts.defines ? [index] : [])));
  const drives = ({ references, facts }: Unit): boolean =>
    facts.calls.some((number) => {
      const reference = references[number];
      const bound = reference?.kind === "name" ? bindings.get(reference.name) : undefined;
      return typeof bound === "number" && defines.has(bound);
    });
  for (let before = -1; before !== defines.size; ) {
    before = defines.size;
    for (const [index, unit] of units.entries()) if (drives(unit)) defines.add(index);
  }
  return units.map((unit, index) => {
    return defines.has(index) && !unit.facts.defines ? { ...unit, facts: { ...unit.facts, defines: true } } : unit;
  });
}

function addLoaders(context: ModuleContext): void {
  const state = new UnitState(context, -1);
  for (const { node, names } of context.drafts) {
    if (node.type === "VariableDeclarator" && isCreateRequire(node["init"], state)) {
      for (const name of names) context.loaders.add(name);
    }
  }
}
