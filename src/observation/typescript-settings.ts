import { jsxFactoryOf } from "../code-identity/jsx-factory.ts";
import { readTypeScriptOptions } from "../code-identity/typescript-options.ts";
import type { TypeScriptOptions } from "../code-identity/typescript-options.ts";

/** What our transform honours of a project's tsconfig.json. */
export interface TransformSettings {
  readonly legacyDecorators: boolean;
  readonly decoratorMetadata: boolean;
  readonly strictNullChecks: boolean;
  /** True keeps imports that only types use, unless they say `type`. */
  readonly keepUnmarkedImports: boolean;
  /** False: fields are assigned, not defined, and a field without a value leaves no trace. */
  readonly defineFields: boolean;
  readonly jsx: JsxSettings;
}

export type JsxSettings =
  | { readonly runtime: "automatic"; readonly importSource: string }
  | { readonly runtime: "classic"; readonly factory: string; readonly fragment: string };

const known = new Map<string, TypeScriptOptions>();

/** The nearest tsconfig.json's options for the sources of a folder, read once per thread. */
export function optionsOfFolder(folder: string): TypeScriptOptions {
  const found = known.get(folder) ?? readTypeScriptOptions(folder, () => undefined);
  known.set(folder, found);
  return found;
}

export function settingsOfFolder(folder: string): TransformSettings {
  const { emit } = optionsOfFolder(folder);
  return {
    legacyDecorators: emit["experimentalDecorators"] === true,
    decoratorMetadata: emit["emitDecoratorMetadata"] === true,
    strictNullChecks: emit["strict"] === true,
    keepUnmarkedImports: keepsUnmarkedImports(emit),
    defineFields: definesFields(emit),
    jsx: jsxSettings(emit),
  };
}

type Emit = TypeScriptOptions["emit"];

function keepsUnmarkedImports(emit: Emit): boolean {
  return emit["verbatimModuleSyntax"] === true || emit["preserveValueImports"] === true;
}

/** Without a word of the project it is as JavaScript, and Node, have it. */
function definesFields(emit: Emit): boolean {
  const said = emit["useDefineForClassFields"];
  if (typeof said === "boolean") return said;
  const target = emit["target"];
  return typeof target !== "string" || !/^es(?:3|5|6|20(?:1\d|2[01]))$/i.test(target);
}

function jsxSettings(emit: Emit): JsxSettings {
  const found = jsxFactoryOf(emit, {});
  if (found.kind === "import") return { runtime: "automatic", importSource: found.source };
  return { runtime: "classic", factory: found.factory, fragment: found.fragment };
}
