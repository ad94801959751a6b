const PARTS = {
  __filename: "const __filename = import.meta.filename;",
  __dirname: "const __dirname = import.meta.dirname;",
  require:
    'import { createRequire as createRequireOfNode } from "node:module"; const require = createRequireOfNode(import.meta.url);',
  // As a program's main module `require.main` is undefined here, and so is this; elsewhere the two differ.
  module: "const module = import.meta.main ? undefined : {};",
} as const;

const IS_MAIN = /\brequire\.main\s*[!=]==?\s*module\b|\bmodule\s*[!=]==?\s*require\.main\b/g;

/**
 * Declares the names of CommonJS that a module uses without declaring them, for projects that compilers turn into
 * CommonJS: there `import` and `__dirname` stand side by side. Empty where nothing is missing.
 */
export function commonJsNames(code: string): string {
  if (code.includes("import.meta")) return "";
  return Object.entries(PARTS)
    .filter(([name]) => (name !== "module" || onlyAsksForMain(code)) && usesFree(code, name))
    .map(([, line]) => line)
    .join(" ");
}

/** In doubt a name counts as declared: then the module is left as Node would have it. */
function usesFree(code: string, name: string): boolean {
  if (!new RegExp(`(?<![.\\w$])${name}(?![\\w$])`).test(code)) return false;
  const declarations = [
    `\\b(?:const|let|var|function|class)\\s+${name}\\b`,
    `\\b(?:const|let|var)\\s*[{[][^=;]*\\b${name}\\b`,
    `^import\\b[^;"']*\\b${name}\\b`,
  ];
  return !declarations.some((form) => new RegExp(form, "m").test(code));
}

/** Anything else that a module does with `module` must fail as it does in Node, and not quietly do nothing. */
function onlyAsksForMain(code: string): boolean {
  return !/(?<![.\w$])module(?![\w$])/.test(code.replace(IS_MAIN, ""));
}
