import type { SyntaxNode } from "../../../src/code-identity/syntax.ts";
import type { Change, MutationKind } from "../mutation.ts";
import { spliced } from "../parsed-program.ts";
import type { ParsedModule, ParsedProgram } from "../parsed-program.ts";
import type { Random } from "../random.ts";
import { evaluatedModules, ownExports, specifierTo } from "./module-links.ts";
import { field, fields, nameOf } from "./node-kind.ts";

/** Something that other modules can reach and change. */
interface Target {
  readonly module: ParsedModule;
  readonly name: string;
  /** Statements that change it, with `IT` in its place. */
  readonly writes: readonly string[];
}

/** Ways in which a statement can hide what it writes to; `WRITE<x>` is the write done to `x`. */
const DISGUISES: Readonly<Record<string, string>> = {
  direct: "WRITE<IT>;",
  alias: "const alias$ = IT;\nWRITE<alias$>;",
  "alias of an alias": "const first$ = IT;\nconst { second$ } = { second$: first$ };\nWRITE<second$>;",
  parameter: "((held) => { WRITE<held>; })(IT);",
  "helper function": "function touch$(held) { WRITE<held>; }\ntouch$(IT);",
  "default value": "(function (held = IT) { WRITE<held>; })();",
  getter: "const get$ = () => IT;\nWRITE<get$()>;",
  "each of an array": "[IT].forEach((held) => { WRITE<held>; });",
  loop: "for (const held of [IT]) { WRITE<held>; }",
  "object member": "const box$ = { held: IT };\nWRITE<box$.held>;",
  "map entry": "const box$ = new Map([['k', IT]]);\nWRITE<box$.get('k')>;",
  constructor: "class Touch$ { constructor(held) { WRITE<held>; } }\nexport const touched$ = new Touch$(IT);",
  "static block": "class Touch$ { static { WRITE<IT>; } }",
  "static field": "class Touch$ { static done = (() => { WRITE<IT>; return 1; })(); }",
  "field of an instance":
    "class Touch$ { held = IT; done = (() => { WRITE<this.held>; return 1; })(); }\nnew Touch$();",
  method: "const touch$ = { held: IT, go() { WRITE<this.held>; } };\ntouch$.go();",
  "initialiser of an export": "export const done$ = ((held) => { WRITE<held>; return 1; })(IT);",
  "condition at top level": "if (Math.PI > 3) { WRITE<IT>; }",
  "caught error": "try { throw IT; } catch (held) { WRITE<held>; }",
  "promise at top level": "await Promise.resolve(IT).then((held) => { WRITE<held>; });",
  "async function": "void (async () => { WRITE<IT>; })();",
  microtask: "queueMicrotask(() => { WRITE<IT>; });",
  "tagged template": "((_texts, held) => { WRITE<held>; })`${IT}`;",
  "comma and logic": "Math.PI > 3 && (((held) => { WRITE<held>; })(IT), 1);",
  "bound function": "((held) => { WRITE<held>; }).bind(undefined, IT)();",
  "call by apply": "((held) => { WRITE<held>; }).apply(undefined, [IT]);",
  "call by Reflect": "Reflect.apply((held) => { WRITE<held>; }, undefined, [IT]);",
  generator: "function* each$() { yield IT; }\nfor (const held of each$()) { WRITE<held>; }",
  "conditional value": "const held$ = Math.PI > 3 ? IT : undefined;\nWRITE<held$>;",
  "spread arguments": "((...all) => { WRITE<all[0]>; })(...[IT]);",
  reduce: "[1].reduce((held) => { WRITE<held>; return held; }, IT);",
  "optional call": "const touch$ = (held) => { WRITE<held>; };\ntouch$?.(IT);",
  setter: "const box$ = { set held(value) { WRITE<value>; } };\nbox$.held = IT;",
  proxy: "const seen$ = new Proxy({}, { get: () => IT });\nWRITE<seen$.any>;",
  "function handed on": "const twice$ = (call) => call(IT);\ntwice$((held) => { WRITE<held>; });",
  "curried function": "const on$ = (held) => () => { WRITE<held>; };\non$(IT)();",
  "function in a table": "const table$ = { touch: (held) => { WRITE<held>; } };\ntable$['tou' + 'ch'](IT);",
  subclass:
    "class Base$ { constructor(held) { this.go(held); } go() {} }\nclass Touch$ extends Base$ { go(held) { WRITE<held>; } }\nnew Touch$(IT);",
  iterator: "const each$ = { *[Symbol.iterator]() { WRITE<IT>; } };\nconst all$ = [...each$];",
  conversion: "const text$ = `${{ toString() { WRITE<IT>; return 'x'; } }}`;",
  "getter property": "const lazy$ = { get value() { WRITE<IT>; return 1; } };\nexport const read$ = lazy$.value;",
  "getter taken apart": "const { value: read$ } = { get value() { WRITE<IT>; return 1; } };",
  disposal: "{ using held = { [Symbol.dispose]() { WRITE<IT>; } }; }",
  "await of a thenable": "await { then(done) { WRITE<IT>; done(); } };",
  "computed key": "const box$ = { [((held) => { WRITE<held>; return 'k'; })(IT)]: 1 };",
  "replacer of a text": "'x'.replace(/x/, () => { WRITE<IT>; return ''; });",
  "sort of a list": "[2, 1].sort(() => { WRITE<IT>; return 0; });",
  "Array.from": "Array.from([1], () => { WRITE<IT>; });",
  "JSON.parse": "JSON.parse('[1]', (_key, value) => { WRITE<IT>; return value; });",
  "instance of": "const is$ = 1 instanceof { [Symbol.hasInstance]() { WRITE<IT>; return true; } }.constructor;",
  "static inheritance":
    "class Base$ { static go(held) { WRITE<held>; } }\nclass Touch$ extends Base$ {}\nTouch$.go(IT);",
  "label and switch": "out: switch (1) { case 1: WRITE<IT>; break out; default: }",
  "async iteration": "for await (const held of [Promise.resolve(IT)]) { WRITE<held>; }",
};

const MOST_PICKS = 8;

function writesTo(declaration: SyntaxNode, name: string, module: ParsedModule): readonly string[] {
  if (declaration.type === "ClassDeclaration") return classWrites(declaration);
  const one = fields(declaration, "declarations").find((declarator) => nameOf(field(declarator, "id")) === name);
  const init = field(one, "init");
  return init === undefined ? [] : valueWrites(init, module);
}

function classWrites(declaration: SyntaxNode): readonly string[] {
  const members = fields(field(declaration, "body") ?? declaration, "body");
  const methods = members.filter((member) => member.type === "MethodDefinition" && member["kind"] === "method");
  const names = methods.flatMap((member) => (member["computed"] === true ? [] : (nameOf(field(member, "key")) ?? [])));
  return [
    ...names.slice(0, MOST_PICKS).map((method) => `IT.prototype.${method} = function () { return 41; }`),
    ...names.slice(0, 2).map((method) => `Object.defineProperty(IT.prototype, "${method}", { value: () => 43 })`),
    "IT.extra = 41",
  ];
}

function valueWrites(init: SyntaxNode, module: ParsedModule): readonly string[] {
  const callee = init.type === "NewExpression" ? nameOf(field(init, "callee")) : undefined;
  if (callee === "Map")
    return ["IT.clear()", 'IT.set("extra", 41)', "IT.delete([...IT.keys()][0])", "IT.set([...IT.keys()][0], 41)"];
  if (callee === "Set") return ["IT.clear()", 'IT.add("extra")'];
  if (init.type === "ArrayExpression")
    return ["IT.push(41)", "IT[0] = 41", "IT.length = 0", "IT.reverse()", "IT.splice(0, 1)"];
  if (init.type === "ObjectExpression") {
    const keys = fields(init, "properties").flatMap(({ start, end, ...property }) => {
      const key = field({ start, end, ...property } as SyntaxNode, "key");
      return property["computed"] === true || key === undefined ? [] : [module.text.slice(key.start, key.end)];
    });
    return keys.slice(0, MOST_PICKS).flatMap((key) => {
      const at = /^[\w$]+$/.test(key) ? JSON.stringify(key) : key;
      return [`IT[${at}] = 41`, `Object.assign(IT, { ${key}: 42 })`, `delete IT[${at}]`, `Reflect.set(IT, ${at}, 43)`];
    });
  }
  return [];
}

function targetsOf(program: ParsedProgram): readonly Target[] {
  return program.remember(targetsOf, () =>
    evaluatedModules(program).flatMap((module) =>
      [...ownExports(module)].flatMap(([name, declaration]) => {
        const writes = writesTo(declaration, name, module);
        return writes.length === 0 ? [] : [{ module, name, writes }];
      }),
    ),
  );
}

/** The same write, disguised. */
function statementFor(disguise: string, write: string): string {
  return disguise
    .replaceAll(/WRITE<(.+?)>(?=[; ])/g, (_all, held: string) => write.replaceAll("IT", held))
    .replaceAll(/\bIT\b/g, "TARGET");
}

function inserted(into: ParsedModule, target: Target, statement: string, random: Random, specifier: string): string {
  if (into === target.module) return `${into.text}\n${statement.replaceAll("TARGET", target.name)}\n`;
  const imported =
    random.below(3) === 0
      ? [`import * as target$ from ${JSON.stringify(specifier)};`, `target$.${target.name}`]
      : [`import { ${target.name} as target$ } from ${JSON.stringify(specifier)};`, "target$"];
  return `${imported[0]}\n${into.text}\n${statement.replaceAll("TARGET", imported[1] ?? "")}\n`;
}

function writeKind(name: string, disguise: string): MutationKind {
  return {
    name: `write through ${name}`,
    equivalent: false,
    mutate: (program, random): Change | undefined => {
      const targets = targetsOf(program);
      if (targets.length === 0) return undefined;
      const target = random.pick(targets);
      const into = random.below(4) === 0 ? target.module : random.pick(evaluatedModules(program));
      const statement = statementFor(disguise, random.pick(target.writes));
      const text = inserted(into, target, statement, random, specifierTo(into.path, target.module.path));
      const count = statement.split("\n").length;
      const first = text.split("\n").length - count;
      return {
        edits: spliced(into, [{ start: 0, end: into.text.length, text }]),
        about: { file: into.path, names: [], lines: Array.from({ length: count }, (_, index) => first + index) },
      };
    },
  };
}

/** Statements that change what another module exports, each hidden in its own way. */
export const writeKinds: readonly MutationKind[] = Object.entries(DISGUISES).map(([name, disguise]) =>
  writeKind(name, disguise),
);
