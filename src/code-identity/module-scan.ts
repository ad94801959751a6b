import { jsxPragmasIn } from "./jsx-factory.ts";
import type { JsxPragmas } from "./jsx-factory.ts";
import type { ModuleFlag, ModuleImport } from "./module-import.ts";
import { computedLoads, needsTree } from "./module-loads.ts";
import { parseSource, positionsOf, walkTree } from "./syntax.ts";
import type { EcmaScriptModule, StaticImport } from "oxc-parser";

/** What a module's text says, without looking at any other file. */
export interface ModuleScan {
  readonly imports: readonly ModuleImport[];
  readonly flags: readonly ModuleFlag[];
  /** Whether it names `Date` (beyond `now` and `UTC`), `Intl`, `localeCompare` or `toLocale…`. */
  readonly locale: boolean;
  /** What its comments say of how its JSX is compiled; undefined without JSX. */
  readonly jsx?: JsxPragmas;
  /** Nothing in it says that it is a module, so that it may be evaluated as one or as CommonJS. */
  readonly script?: true;
}

const LOCALE = /\b(?:Date\b(?!\s*\.\s*(?:now|UTC)\b)|Intl\b|localeCompare\b|toLocale)/;

/** Whether a text names what answers by time zone or locale. Words in comments and strings count too. */
export function namesLocale(text: string): boolean {
  return LOCALE.test(text);
}

/**
 * Reads a module's imports and flags.
 *
 * @throws CodeIdentityError (`WS_SOURCE_SYNTAX`) naming file and line.
 */
export function scanModule(path: string, text: string): ModuleScan {
  const parsed = parseSource(path, text);
  const positionAt = positionsOf(text);
  const lineAt = (offset: number): number => positionAt(offset).line;
  const imports: ModuleImport[] = [];
  const flags: ModuleFlag[] = [];
  for (const found of parsed.module.staticImports) readStaticImport(found, text, lineAt, imports);
  readReexports(parsed.module, text, lineAt, imports);
  readDynamicImports(parsed.module, text, lineAt, imports, flags);
  let jsx = false;
  if (needsTree(path, text)) jsx = walkTree(path, () => computedLoads(parsed.program, lineAt, imports, flags));
  const script = isScript(parsed.module) ? { script: true as const } : {};
  const scan = { imports: unique(imports), flags, locale: namesLocale(text), ...script };
  return jsx ? { ...scan, jsx: jsxPragmasIn(text) } : scan;
}

/** Without a word that is left when types are erased. */
function isScript({ staticImports, staticExports, importMetas }: EcmaScriptModule): boolean {
  const imported = staticImports.some(({ entries }) => entries.length === 0 || entries.some((entry) => !entry.isType));
  const exported = staticExports.some(({ entries }) => entries.some((entry) => !entry.isType));
  return !imported && !exported && importMetas.length === 0;
}

function readStaticImport(
  found: StaticImport,
  text: string,
  lineAt: (offset: number) => number,
  into: ModuleImport[],
): void {
  const statement = text.slice(found.start, found.end);
  // `import type …` is erased whole; `import { type X } from …` is evaluated, for its effect.
  if (/^import\s+type\b(?!\s*(?:,|from\s*["']))/.test(statement)) return;
  if (/^import\s+type\s+from\s+from\b/.test(statement)) return;
  const effect = found.entries.every((entry) => entry.isType);
  const { value, start } = found.moduleRequest;
  into.push({ specifier: value, kind: "import", effect, asset: false, line: lineAt(start) });
}

function readReexports(
  module: EcmaScriptModule,
  text: string,
  lineAt: (offset: number) => number,
  into: ModuleImport[],
): void {
  for (const { start, end, entries } of module.staticExports) {
    const statement = text.slice(start, end);
    if (/^export\s+type\b/.test(statement)) continue;
    const line = lineAt(start);
    const empty = entries.length === 0 ? /^export\s*\{\s*\}\s*from\s*(["'])(.+?)\1/s.exec(statement)?.[2] : undefined;
    if (empty !== undefined) into.push({ specifier: empty, kind: "import", effect: true, asset: false, line });
    for (const { moduleRequest, isType } of entries) {
      if (moduleRequest === null) continue;
      into.push({ specifier: moduleRequest.value, kind: "import", effect: isType, asset: false, line });
    }
  }
}

function readDynamicImports(
  module: EcmaScriptModule,
  text: string,
  lineAt: (offset: number) => number,
  into: ModuleImport[],
  flags: ModuleFlag[],
): void {
  for (const { start, moduleRequest } of module.dynamicImports) {
    const line = lineAt(start);
    const specifier = quotedText(text.slice(moduleRequest.start, moduleRequest.end));
    if (specifier === undefined) flags.push({ name: "computed import", line });
    else into.push({ specifier, kind: "import", effect: !isBound(text, start), asset: false, line });
  }
}

/** Whether what stands before an expression takes its value. In doubt it does not, and the import counts for its effect. */
function isBound(text: string, start: number): boolean {
  return /(?:=>?|\breturn|\()\s*(?:await\s*)?$/.test(text.slice(Math.max(0, start - 40), start));
}

/** The text of a string literal without escapes; anything else counts as computed. */
function quotedText(source: string): string | undefined {
  const match = /^\s*(["'`])((?:(?!\1)[^\\\n$])*)\1\s*$/.exec(source);
  return match?.[2];
}

function unique(imports: readonly ModuleImport[]): readonly ModuleImport[] {
  const seen = new Map<string, ModuleImport>();
  for (const found of imports) {
    const key = `${found.kind} ${found.effect} ${found.asset} ${found.specifier}`;
    if (!seen.has(key)) seen.set(key, found);
  }
  return [...seen.values()];
}
