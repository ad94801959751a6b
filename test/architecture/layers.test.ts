import { globSync, readFileSync } from "node:fs";
import { join, sep } from "node:path";
import { expect, test } from "vitest";
import { checkArchitecture } from "./check-architecture.ts";

const root = join(import.meta.dirname, "../..");

test("src keeps to the layers, without cycles, and to the house's rules for files", () => {
  const paths = globSync("src/**/*", { cwd: root }).filter((path) => /\.[cm]?[jt]sx?$/.test(path));
  const sources = new Map(paths.map((path) => [path.split(sep).join("/"), readFileSync(join(root, path), "utf8")]));
  expect(sources.size).toBeGreaterThan(10);
  expect(checkArchitecture(sources).map(({ rule, message }) => `${rule}: ${message}`)).toEqual([]);
});
