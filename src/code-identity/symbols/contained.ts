import type { SymbolNode } from "./symbol-node.ts";

/** Built-in modules that hold nothing which one step could leave behind for another. */
const PURE = new Set(
  "node:path node:path/posix node:path/win32 node:url node:buffer node:string_decoder node:querystring node:crypto".split(
    " ",
  ),
);

/** Whether nothing that code does can be seen by a step that runs in the same thread afterwards. In doubt it can. */
export function isContained(reached: readonly SymbolNode[]): boolean {
  return reached.every(leavesNothing);
}

function leavesNothing({ kind, name, unit }: SymbolNode): boolean {
  if (kind === "builtin") return PURE.has(name);
  if (unit === undefined) return kind === "namespace" || kind === "place" || kind === "nothing" || kind === "own";
  const { holds, facts, flags } = unit;
  if (flags.length > 0 || facts.writes.length > 0 || facts.writesGlobal) return false;
  if (unit.kind === "root") return true;
  return holds !== "object" && !(holds === "class" && (facts.runs || facts.writesHanded || facts.writesThis));
}
