import { readFileSync } from "node:fs";

export type PackageManifest = Readonly<Record<string, unknown>>;

/** A package.json that is missing or broken is one without name and version. */
export function manifestAt(path: string): PackageManifest {
  try {
    const value: unknown = JSON.parse(readFileSync(path, "utf8"));
    return typeof value === "object" && value !== null ? (value as PackageManifest) : {};
  } catch {
    return {};
  }
}
