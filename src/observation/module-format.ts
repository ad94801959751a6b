import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, extname, join } from "node:path";

export type ModuleFormat = "module" | "commonjs";

const types = new Map<string, ModuleFormat | undefined>();

/** What the ending or the nearest package.json says; undefined where the text must say it. */
export function declaredFormat(path: string): ModuleFormat | undefined {
  const ending = extname(path);
  if (ending === ".mts" || ending === ".mjs") return "module";
  if (ending === ".cts" || ending === ".cjs") return "commonjs";
  const type = packageType(dirname(path));
  // Compilers write CommonJS for a TypeScript file of such a package, however it is spelled: the text tells how it was.
  return type === "commonjs" && ending !== ".js" ? undefined : type;
}

/**
 * What a text is written as. `code` must be JavaScript; what is left of erased types (`export {}`) counts for nothing
 * where the rest speaks CommonJS.
 */
export function writtenFormat(code: string): ModuleFormat {
  if (!/\b(?:import|export|await)\b/.test(code)) return "commonjs";
  const { parseSync } = createRequire(import.meta.url)("oxc-parser") as typeof import("oxc-parser");
  const asScript = parseSync("a.js", code, { sourceType: "commonjs" });
  if (asScript.module.hasModuleSyntax) return isOnlyMarker(code) && speaksCommonJs(code) ? "commonjs" : "module";
  if (asScript.errors.length === 0) return "commonjs";
  return parseSync("a.js", code, { sourceType: "module" }).errors.length === 0 ? "module" : "commonjs";
}

/** `export {}` at the end, and no other line that starts like an import or export. */
function isOnlyMarker(code: string): boolean {
  return (
    /^export \{\};\s*$/m.test(code) && !/^(?:import\b(?!\s*\()|export\b(?! \{\};\s*$))|\bimport\.meta\b/m.test(code)
  );
}

function speaksCommonJs(code: string): boolean {
  return /\brequire\s*\(|\bmodule\.exports\b|\bexports\.\w/.test(code);
}

function packageType(folder: string): ModuleFormat | undefined {
  if (types.has(folder)) return types.get(folder);
  const text = readText(join(folder, "package.json"));
  const above = dirname(folder);
  const found = text === undefined ? (above === folder ? undefined : packageType(above)) : typeIn(text);
  types.set(folder, found);
  return found;
}

function typeIn(text: string): ModuleFormat | undefined {
  try {
    const { type } = JSON.parse(text) as { readonly type?: unknown };
    return type === "module" || type === "commonjs" ? type : undefined;
  } catch {
    return undefined;
  }
}

function readText(path: string): string | undefined {
  try {
    return readFileSync(path, "utf8");
  } catch {
    return undefined;
  }
}
