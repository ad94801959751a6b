import { readFileSync } from "node:fs";
import { ownPackageFolder } from "./own-code.ts";

/** The version of this package. */
export function releaseVersion(): string {
  const text = readFileSync(new URL("package.json", ownPackageFolder), "utf8");
  const parsed: unknown = JSON.parse(text);
  return typeof parsed === "object" && parsed !== null && "version" in parsed ? String(parsed.version) : "unknown";
}
