import { readdirSync, readFileSync, statSync } from "node:fs";
import type { Dirent } from "node:fs";
import { isBuiltin } from "node:module";
import { join } from "node:path";
import { namesLocale } from "./module-scan.ts";
import { manifestAt } from "./package-manifest.ts";

/** What a package's sources hold that a key must know of. */
export interface PackageFacts {
  readonly locale: boolean;
  /** It holds an addon, or asks for what reaches one through Node itself. */
  readonly native: boolean;
  /** It holds an addon that is built. */
  readonly addon: boolean;
  /** Packages that its scripts import and its package.json does not name, sorted. */
  readonly undeclared: readonly string[];
}

/** Over these bounds a package counts as naming locale: in doubt, more enters the key. */
const MOST_FILES = 3000;
const MOST_BYTES = 12 * 1024 * 1024;
const SCRIPT = /\.[cm]?js$/;
/** The package of a specifier as scripts write it; a comment that looks alike only names one package more. */
const IMPORT = /(?:\bfrom\s*|\bimport\s*\(?\s*|\brequire\s*\(\s*)["']((?:@[\w.-]+\/)?\w[\w.-]*)(?:\/[^"'\n]*)?["']/g;
/** What tests and tools of a package import is among the last. */
const DECLARING = ["dependencies", "optionalDependencies", "peerDependencies", "devDependencies"];
const NATIVE_BUILTIN = /["']node:(?:sqlite|wasi)["']/;

/** Looks through a package's folder, without the packages nested in it. */
export function scanPackage(folder: string): PackageFacts {
  const scripts: string[] = [];
  const found = { native: false, addon: false, whole: true };
  listFiles(folder, (path, name) => {
    if (name.endsWith(".node")) found.addon = true;
    if (found.addon || name === "binding.gyp") found.native = true;
    if (SCRIPT.test(name)) scripts.push(path);
    found.whole = scripts.length <= MOST_FILES;
    return found.whole;
  });
  let bytes = 0;
  let locale = !found.whole;
  const imported = new Set<string>();
  for (const path of scripts) {
    bytes += statSync(path).size;
    if (bytes > MOST_BYTES) {
      locale = true;
      break;
    }
    const text = readFileSync(path, "latin1");
    locale ||= namesLocale(text);
    found.native ||= NATIVE_BUILTIN.test(text);
    for (const [, name = ""] of text.matchAll(IMPORT)) imported.add(name);
  }
  const undeclared = undeclaredAmong(imported, join(folder, "package.json"));
  return { locale, native: found.native, addon: found.addon, undeclared };
}

function undeclaredAmong(imported: ReadonlySet<string>, manifestPath: string): readonly string[] {
  const manifest = manifestAt(manifestPath);
  const declared = new Set(DECLARING.flatMap((field) => Object.keys(manifest[field] ?? {})));
  const isTold = (name: string): boolean => name === manifest["name"] || declared.has(name) || isBuiltin(name);
  return [...imported].filter((name) => !isTold(name)).sort();
}

/** Links are not followed: what they lead to belongs to another package, or around in a circle. */
function listFiles(folder: string, visit: (path: string, name: string) => boolean): boolean {
  for (const entry of entriesOf(folder)) {
    const path = join(folder, entry.name);
    if (entry.isDirectory() && entry.name !== "node_modules" && !listFiles(path, visit)) return false;
    if (entry.isFile() && !visit(path, entry.name)) return false;
  }
  return true;
}

function entriesOf(folder: string): readonly Dirent[] {
  try {
    return readdirSync(folder, { withFileTypes: true });
  } catch {
    return [];
  }
}
