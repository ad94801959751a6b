/** What the comments of a source say of how its JSX is compiled. */
export interface JsxPragmas {
  /** `@jsxRuntime` */
  readonly runtime?: string;
  /** `@jsx` */
  readonly factory?: string;
  /** `@jsxFrag` */
  readonly fragment?: string;
  /** `@jsxImportSource` */
  readonly source?: string;
}

/** What JSX is compiled to calls of: names in the source, or what the compiler imports from a package. */
export type JsxFactory =
  | { readonly kind: "names"; readonly factory: string; readonly fragment: string }
  | { readonly kind: "import"; readonly source: string };

type Emit = Readonly<Record<string, unknown>>;

/** Comments and directives before the first statement: the compiler looks no further. */
const HEAD = /^(?:\s|\/\/.*|#!.*|\/\*[^]*?\*\/|(["'])use [\w ]+\1;?)*/;
const NAMES = /^[\w$]+(?:\.[\w$]+)*$/;

export function jsxPragmasIn(text: string): JsxPragmas {
  if (!text.includes("@jsx")) return {};
  const head = HEAD.exec(text)?.[0] ?? "";
  const word = (name: string): string | undefined =>
    [...head.matchAll(new RegExp(`(?<=[\\s*/])@${name}[ \\t]+([^\\s*]+)`, "g"))].at(-1)?.[1];
  // What is no name stands for the compiler's own.
  const name = (value: string | undefined, own: string): string | undefined =>
    value === undefined || NAMES.test(value) ? value : own;
  const said = {
    runtime: word("jsxRuntime"),
    factory: name(word("jsx"), "React.createElement"),
    fragment: name(word("jsxFrag"), "React.Fragment"),
    source: word("jsxImportSource"),
  };
  return Object.fromEntries(Object.entries(said).filter(([, value]) => value !== undefined));
}

/** As our hooks compile it: what another tool would keep or compile later, they load in the automatic form. */
export function jsxFactoryOf(emit: Emit, pragmas: JsxPragmas): JsxFactory {
  if (!isClassic(emit, pragmas)) {
    return { kind: "import", source: pragmas.source ?? textOf(emit["jsxImportSource"]) ?? "react" };
  }
  return {
    kind: "names",
    factory: pragmas.factory ?? textOf(emit["jsxFactory"]) ?? "React.createElement",
    fragment: pragmas.fragment ?? textOf(emit["jsxFragmentFactory"]) ?? "React.Fragment",
  };
}

function isClassic(emit: Emit, { runtime }: JsxPragmas): boolean {
  if (runtime === "classic" || runtime === "automatic") return runtime === "classic";
  return emit["jsx"] === "react" || (emit["jsx"] === undefined && textOf(emit["jsxFactory"]) !== undefined);
}

function textOf(value: unknown): string | undefined {
  return typeof value === "string" && value !== "" ? value : undefined;
}
