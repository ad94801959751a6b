import { isNode, literalText } from "../syntax.ts";
import type { SyntaxNode } from "../syntax.ts";
import { discardedCalls, noteCall } from "./call-facts.ts";
import { walkCall, walkImport } from "./call-walk.ts";
import { walkClass } from "./class-walk.ts";
import { walkEnum, walkNamespace } from "./declaration-walk.ts";
import { walkFunction } from "./function-walk.ts";
import { converts, isHidden, namesHidden, putsHidden } from "./hidden-code.ts";
import { walkJsx } from "./jsx-walk.ts";
import { hoistedNames, lexicalNames, patternNames } from "./local-names.ts";
import { walkMetaMember, walkMetaProperty } from "./meta-walk.ts";
import type { UnitDraft } from "./module-outline.ts";
import { isCreateRequire } from "./module-request.ts";
import { bindPattern, walkPattern, writeTarget } from "./pattern-walk.ts";
import { isAnonymous, isErased, isFunction, layoutOf, staticName, unwrap } from "./syntax-layout.ts";
import { walkCatch, walkFor, walkForEach, walkLabel, walkSwitch } from "./statement-walk.ts";
import type { TokenWalk } from "./token-walk.ts";
import { UnitNotices } from "./unit-notices.ts";
import type { UnitState } from "./unit-state.ts";
import { NOTHING } from "./value-flow.ts";
import { namespaceMember, valueOf } from "./value-reader.ts";

/** Walks the tree of one unit: gives its tokens in order, and notes what happens to values on the way. */
export class UnitWalk implements TokenWalk {
  readonly state: UnitState;
  readonly notices: UnitNotices;
  /** Of the unit; undefined for roots. */
  readonly draft: UnitDraft | undefined;
  readonly discarded: Set<SyntaxNode> = new Set();
  readonly heedless: Set<SyntaxNode> = new Set();
  readonly passing: Set<SyntaxNode> = new Set();

  constructor(state: UnitState, draft: UnitDraft | undefined) {
    this.state = state;
    this.draft = draft;
    this.notices = new UnitNotices(state);
  }

  /** A node or none. */
  visit(value: unknown): void {
    if (isNode(value)) this.#node(value);
    else this.state.text.word("_");
  }

  list(values: readonly unknown[]): void {
    this.state.text.count(values.length);
    for (const value of values) this.visit(value);
  }

  /** Statements in a scope of their own; `more` names belong to it, too. */
  block(statements: readonly SyntaxNode[], more: readonly string[] = []): void {
    const before = this.state.enter([...more, ...lexicalNames(statements)]);
    this.statements(statements);
    this.state.scope = before;
  }

  statements(statements: readonly SyntaxNode[]): void {
    const left = statements.filter((statement) => !isErased(statement) && statement.type !== "EmptyStatement");
    this.list(left);
  }

  /** Body of a function: its `var`s and its own names, but for the ones that are parameters. */
  functionBody(statements: readonly SyntaxNode[], parameters: readonly string[]): void {
    const hoisted = hoistedNames(statements, this.state.module.loose).filter((name) => !parameters.includes(name));
    this.block(statements, hoisted);
  }

  /** A name in the place of a value. */
  name(name: string, node: SyntaxNode): void {
    const { state } = this;
    const meaning = state.resolve(name);
    this.notices.bareName(name, node);
    switch (meaning.kind) {
      case "local":
        return state.text.number("L", meaning.local.index);
      case "outer":
        if (!state.captures.has(name)) return this.reference(state.reference({ kind: "unit", unit: state.unit }));
        state.text.word("K");
        return state.text.text(name);
      case "unit":
      case "import":
        return this.reference(state.nameReference(name));
      case "global":
        if (name === "Proxy" || name === "Symbol") state.hides = true;
        return this.#global(name);
    }
  }

  reference(number: number): void {
    this.state.text.number("@", number);
  }

  /** `key` of a property or member: a name, or what is computed. */
  key(key: SyntaxNode, computed: boolean): void {
    const { text } = this.state;
    if (computed) {
      this.state.noteRead(key);
      text.word("computed");
      this.visit(key);
    } else if (key.type === "PrivateIdentifier") {
      text.word("private");
      text.text(key["name"] as string);
    } else this.keyText(String(key["name"] ?? key["bigint"] ?? key["value"]));
  }

  keyText(name: string): void {
    this.state.text.word("key");
    this.state.text.text(name);
  }

  /** A function or class that is written where a name is given its value is called so. */
  nameOfAnonymous(target: unknown, value: unknown): void {
    if (!isNode(target) || target.type !== "Identifier" || !isAnonymous(value)) return;
    this.state.text.word("named");
    this.state.text.text(target["name"] as string);
  }

  #node(wrapped: SyntaxNode): void {
    const node = unwrap(wrapped);
    if (this.state.module.asked.has(node)) this.meet(node, undefined);
    switch (node.type) {
      case "Identifier":
        return this.#identifier(node);
      case "Literal":
        return this.#literal(node);
      case "MemberExpression":
        return this.#member(node);
      case "CallExpression":
      case "NewExpression":
        return walkCall(node, this);
      case "Property":
        return this.#property(node);
      case "ArrowFunctionExpression":
      case "FunctionExpression":
      case "FunctionDeclaration":
        return walkFunction(node, this);
      case "ClassDeclaration":
      case "ClassExpression":
        return walkClass(node, this);
      case "ExpressionStatement":
        return this.#expressionStatement(node);
      case "VariableDeclaration":
        return this.#variables(node);
      case "VariableDeclarator":
        return this.declarator(node, this.draft?.variable ?? "const");
      case "AssignmentExpression":
        return this.#assignment(node);
      case "BinaryExpression":
      case "LogicalExpression":
        return this.#binary(node);
      case "TemplateLiteral":
        return this.#template(node, false);
      case "TaggedTemplateExpression":
        return this.#tagged(node);
      case "ImportExpression":
        return walkImport(node, this);
      case "MetaProperty":
        return walkMetaProperty(node, this);
      default:
        return this.#rest(node);
    }
  }

  #rest(node: SyntaxNode): void {
    const { text } = this.state;
    switch (node.type) {
      case "BlockStatement":
        text.word(node.type);
        return this.block(node["body"] as SyntaxNode[]);
      case "ForStatement":
        return walkFor(node, this);
      case "ForInStatement":
      case "ForOfStatement":
        return walkForEach(node, this);
      case "SwitchStatement":
        return walkSwitch(node, this);
      case "CatchClause":
        return walkCatch(node, this);
      case "LabeledStatement":
      case "BreakStatement":
      case "ContinueStatement":
        return walkLabel(node, this);
      case "PrivateIdentifier":
        text.word(node.type);
        return text.text(node["name"] as string);
      case "TSEnumDeclaration":
        return walkEnum(node, this);
      case "TSModuleDeclaration":
        return walkNamespace(node, this);
      case "TSImportEqualsDeclaration":
        return this.#importEquals(node);
      case "TSQualifiedName":
        return this.#qualifiedName(node);
      case "JSXElement":
      case "JSXFragment":
        return walkJsx(node, this);
      default:
        return this.#plain(node);
    }
  }

  /** Whatever has no rule of its own: its kind and parts. Chains to the right go around in place. */
  #plain(first: SyntaxNode): void {
    const { text } = this.state;
    let node: SyntaxNode | undefined = first;
    while (node !== undefined) {
      const current: SyntaxNode = node;
      node = undefined;
      this.#notePlain(current);
      text.word(current.type);
      const parts = layoutOf(current);
      for (const [index, { key, kind }] of parts.entries()) {
        const value = current[key];
        if (kind === "attribute") text.text(value === null ? "" : JSON.stringify(value));
        else if (kind === "list") this.list(value as unknown[]);
        else if (index === parts.length - 1 && isNode(value) && value.type === current.type) node = value;
        else this.visit(value);
      }
    }
  }

  #notePlain(node: SyntaxNode): void {
    const { state } = this;
    switch (node.type) {
      case "UpdateExpression":
        writeTarget(node["argument"] as SyntaxNode, NOTHING, this);
        state.noteRun();
        break;
      case "SpreadElement":
        state.noteRead(node["argument"]);
        break;
      case "UnaryExpression":
        if (converts(node["operator"])) state.noteRead(node["argument"]);
        if (node["operator"] !== "delete") break;
        writeTarget(node["argument"] as SyntaxNode, NOTHING, this);
        state.noteRun();
        break;
      case "AwaitExpression":
      case "YieldExpression":
      case "ThrowStatement":
        state.noteRun();
        break;
      case "WithStatement":
        this.notices.flag("with", node);
        break;
      case "SequenceExpression":
        for (const part of (node["expressions"] as unknown[]).slice(0, -1)) discardedCalls(part, this.discarded);
        break;
      default:
    }
  }

  #identifier(node: SyntaxNode): void {
    if (this.notices.isEnvironment(node)) this.notices.readEnvironment("*", node);
    this.name(node["name"] as string, node);
  }

  #global(name: string): void {
    const { state } = this;
    if (name === "module" || name === "exports") state.module.usesExports = true;
    if (name === "__filename" || name === "__dirname") this.reference(state.reference({ kind: "place" }));
    state.text.word("G");
    state.text.text(name);
  }

  #literal(node: SyntaxNode): void {
    const { text } = this.state;
    const regex = node["regex"] as { pattern: string; flags: string } | undefined;
    if (regex !== undefined) {
      this.state.noteExpression(regex.flags);
      text.word("RegExp");
      text.text(regex.pattern);
      return text.text(regex.flags.split("").sort().join(""));
    }
    const bigint = node["bigint"];
    text.word(typeof bigint === "string" ? "bigint" : typeof node["value"]);
    text.text(typeof bigint === "string" ? bigint : String(node["value"]));
  }

  #template(node: SyntaxNode, raw: boolean): void {
    const { text } = this.state;
    text.word(node.type);
    const quasis = node["quasis"] as { value: { raw: string; cooked?: string | null } }[];
    text.count(quasis.length);
    for (const { value } of quasis) {
      text.flag(typeof value.cooked === "string");
      text.text((value.cooked ?? "").replaceAll("\r\n", "\n"));
      if (raw) text.text(value.raw.replaceAll("\r\n", "\n"));
    }
    if (!raw) for (const expression of node["expressions"] as unknown[]) this.state.noteRead(expression);
    this.list(node["expressions"] as unknown[]);
  }

  #tagged(node: SyntaxNode): void {
    const { state } = this;
    state.noteRun();
    state.text.word(node.type);
    this.visit(node["tag"]);
    this.#template(node["quasi"] as SyntaxNode, true);
    const holes = (node["quasi"] as SyntaxNode)["expressions"] as unknown[];
    noteCall({ ...node, callee: node["tag"], arguments: holes }, this.discarded.has(node), state);
  }

  #member(node: SyntaxNode): void {
    const { state, notices } = this;
    const object = unwrap(node["object"] as SyntaxNode);
    const name = staticName(node);
    notices.member(node);
    if (namesHidden(node, (name) => state.globalName(name))) state.hides = true;
    const namespace = namespaceMember(object, name, state);
    state.text.word(`${namespace === undefined ? "" : "ns"}${node["optional"] === true ? "?." : "."}`);
    if (namespace !== undefined) {
      notices.bareName(object["name"] as string, node);
      return this.reference(namespace);
    }
    if (object.type === "MetaProperty" && walkMetaMember(node, object, this)) return;
    state.noteRead(object);
    if (name === undefined) state.noteRead(node["property"]);
    this.#object(object, node);
    if (name !== undefined) this.keyText(name);
    else this.key(node["property"] as SyntaxNode, node["computed"] === true);
  }

  /** The object of a member: where it is the environment, only the member was read. */
  #object(object: SyntaxNode, member: SyntaxNode): void {
    const { notices } = this;
    const name = staticName(member);
    const environment = this.#isEnvironment(object);
    if (!environment || name === undefined) return this.visit(object);
    notices.readEnvironment(name, member);
    const known = notices.environment.length;
    this.visit(object);
    notices.environment.length = known;
  }

  #property(node: SyntaxNode): void {
    const { text } = this.state;
    const key = node["key"] as SyntaxNode;
    if (isHidden(node)) this.state.hides = true;
    text.word(node["method"] === true ? "method" : (node["kind"] as string));
    this.key(key, node["computed"] === true);
    // Only the long form sets the prototype.
    text.flag(node["shorthand"] === true && key["name"] === "__proto__");
    const value = node["value"] as SyntaxNode;
    if (isFunction(value) && this.state.module.asked.has(value)) this.meet(value, node);
    this.visit(value);
  }

  meet(node: SyntaxNode, member: SyntaxNode | undefined): void {
    const { met } = this.state.module;
    if (!met.has(node)) met.set(node, { scope: this.state.scope, unit: this.state.unit, member });
  }

  #expressionStatement(node: SyntaxNode): void {
    const { text } = this.state;
    if (typeof node["directive"] === "string") {
      text.word("directive");
      return text.text(node["directive"]);
    }
    discardedCalls(node["expression"], this.discarded);
    text.word(node.type);
    this.visit(node["expression"]);
  }

  #variables(node: SyntaxNode): void {
    this.state.text.word(node.type);
    const declarators = node["declarations"] as SyntaxNode[];
    this.state.text.count(declarators.length);
    for (const declarator of declarators) this.declarator(declarator, node["kind"] as string);
  }

  declarator(node: SyntaxNode, kind: string): void {
    const { state, notices } = this;
    const id = node["id"] as SyntaxNode;
    const init = node["init"];
    // Taking a value apart runs its getters and iterators.
    if (kind.endsWith("using") || id.type !== "Identifier") state.noteRun();
    state.text.word(kind);
    walkPattern(id, this, true);
    this.nameOfAnonymous(id, init);
    const known = notices.environment.length;
    this.visit(init);
    if (!isNode(init)) return;
    if (id.type === "ObjectPattern" && this.#isEnvironment(unwrap(init))) {
      notices.environment.length = known;
      notices.readEnvironmentByPattern(id);
    }
    if (isCreateRequire(init, state)) for (const name of patternNames(id)) this.#noteLoader(name);
    bindPattern(id, valueOf(init, state), this, true);
  }

  #isEnvironment(node: SyntaxNode): boolean {
    return node.type === "MemberExpression" ? this.notices.isEnvironmentMember(node) : this.notices.isEnvironment(node);
  }

  #noteLoader(name: string): void {
    const meaning = this.state.resolve(name);
    if (meaning.kind === "local") meaning.local.loads = true;
  }

  #assignment(node: SyntaxNode): void {
    const { state } = this;
    const left = unwrap(node["left"] as SyntaxNode);
    state.noteRun();
    if (putsHidden(left, node["right"])) state.hides = true;
    state.text.word(node.type);
    state.text.text(node["operator"] as string);
    walkPattern(left, this, false);
    this.nameOfAnonymous(left, node["right"]);
    this.visit(node["right"]);
    if (isCreateRequire(node["right"], state)) for (const name of patternNames(left)) this.#noteLoader(name);
    bindPattern(left, valueOf(node["right"], state), this, false);
  }

  /** Chains of operators may be thousands long, and lean to the left. */
  #binary(node: SyntaxNode): void {
    const { text } = this.state;
    const chain: SyntaxNode[] = [];
    let left = node;
    while (left.type === "BinaryExpression" || left.type === "LogicalExpression") {
      text.word(left.type);
      text.text(left["operator"] as string);
      chain.push(left);
      if (converts(left["operator"])) for (const side of ["left", "right"]) this.state.noteRead(left[side]);
      if (left["operator"] === "instanceof") this.notices.spare(left["right"]);
      left = unwrap(left["left"] as SyntaxNode);
    }
    this.visit(left);
    for (let index = chain.length - 1; index >= 0; index--) this.visit(chain[index]?.["right"]);
  }

  #importEquals(node: SyntaxNode): void {
    const { state } = this;
    const target = node["moduleReference"] as SyntaxNode;
    state.text.word(node.type);
    walkPattern(node["id"] as SyntaxNode, this, true);
    const specifier = target.type === "TSExternalModuleReference" ? literalText(target["expression"]) : undefined;
    if (specifier === undefined) return this.visit(target);
    this.reference(state.reference({ kind: "module", specifier, request: "require" }));
  }

  #qualifiedName(node: SyntaxNode): void {
    this.state.text.word(".");
    this.visit(node["left"]);
    this.key(node["right"] as SyntaxNode, false);
  }
}
