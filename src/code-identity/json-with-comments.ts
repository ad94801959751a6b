import { readFileSync } from "node:fs";

export type Json = Readonly<Record<string, unknown>>;

/** JSON with comments and trailing commas; undefined for anything else. */
export function parseJsonWithComments(text: string): Json | undefined {
  const plain = text
    .replace(/^\uFEFF/, "")
    .replace(
      /("(?:[^"\\]|\\.)*")|\/\/[^\n\r]*|\/\*[\s\S]*?\*\//g,
      (_whole, quoted: string | undefined) => quoted ?? " ",
    )
    .replace(/("(?:[^"\\]|\\.)*")|,(?=\s*[}\]])/g, (_whole, quoted: string | undefined) => quoted ?? "");
  // Compilers take an empty file for an empty object.
  if (plain.trim() === "") return {};
  try {
    return asRecord(JSON.parse(plain) as unknown);
  } catch {
    return undefined;
  }
}

export function asRecord(value: unknown): Json {
  return typeof value === "object" && value !== null && !Array.isArray(value) ? (value as Json) : {};
}

/** A file's text; undefined where there is none that can be read. */
export function readText(path: string): string | undefined {
  try {
    return readFileSync(path, "utf8");
  } catch {
    return undefined;
  }
}
