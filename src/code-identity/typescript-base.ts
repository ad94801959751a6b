import { dirname, isAbsolute, join } from "node:path";
import type { Guard } from "./guarded-memo.ts";
import { asRecord, parseJsonWithComments, readText } from "./json-with-comments.ts";

/**
 * The file that a TypeScript configuration extends; undefined when there is none. Every place that was looked at is guarded,
 * so that a base which appears later is seen.
 *
 * Packages are looked for by hand: Node's own search would come back to this one through our hooks.
 */
export function extendedFile(name: string, from: string, guard: Guard): string | undefined {
  const places = name.startsWith(".") || isAbsolute(name) ? pathPlaces(name, from) : packagePlaces(name, from, guard);
  for (const place of places) {
    guard(place);
    if (readText(place) !== undefined) return place;
  }
  return undefined;
}

function pathPlaces(name: string, from: string): readonly string[] {
  const path = isAbsolute(name) ? name : join(dirname(from), name);
  return [path, `${path}.json`, join(path, "tsconfig.json")];
}

function* packagePlaces(name: string, from: string, guard: Guard): Generator<string> {
  const [, owner = name, subpath = ""] = /^((?:@[^/]+\/)?[^/]+)(?:\/(.*))?$/s.exec(name) ?? [];
  for (let folder = dirname(from); ; folder = dirname(folder)) {
    const root = join(folder, "node_modules", owner);
    yield* exportedPlaces(root, subpath, guard);
    if (subpath !== "") yield* pathPlaces(join(root, subpath), from);
    yield join(root, "tsconfig.json");
    if (dirname(folder) === folder) return;
  }
}

/** Where a package itself says that its configuration is. */
function exportedPlaces(root: string, subpath: string, guard: Guard): readonly string[] {
  const file = join(root, "package.json");
  guard(file);
  const manifest = parseJsonWithComments(readText(file) ?? "") ?? {};
  const entry = subpath === "" ? "." : `./${subpath}`;
  const exported: unknown = asRecord(manifest["exports"])[entry];
  const named = subpath === "" ? [manifest["tsconfig"], exported] : [exported, asRecord(exported)["default"]];
  return named.flatMap((path) => (typeof path === "string" && path.endsWith(".json") ? [join(root, path)] : []));
}
