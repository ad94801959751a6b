import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";

interface LockedPackage {
  readonly version?: string;
  readonly resolved?: string;
  readonly link?: boolean;
  readonly dev?: boolean;
  readonly hasInstallScript?: boolean;
  readonly dependencies?: Readonly<Record<string, string>>;
  readonly devDependencies?: Readonly<Record<string, string>>;
  readonly optionalDependencies?: Readonly<Record<string, string>>;
}

const root = join(import.meta.dirname, "../..");
const lock = JSON.parse(readFileSync(join(root, "package-lock.json"), "utf8")) as {
  readonly packages: Readonly<Record<string, LockedPackage>>;
};
const packages = Object.entries(lock.packages);

test("names no registry host", () => {
  const hosts = packages.filter(([, one]) => one.resolved?.includes("://") === true);
  expect(hosts.map(([path]) => path)).toEqual([]);
});

test("holds our own dependencies at exact versions", () => {
  const ours = packages.filter(([path]) => !path.includes("node_modules/"));
  const wanted = ours.flatMap(([path, one]) =>
    Object.entries({ ...one.dependencies, ...one.devDependencies }).map(([name, range]) => `${path}>${name}@${range}`),
  );
  expect(wanted.length).toBeGreaterThan(10);
  expect(wanted.filter((one) => !/@(?:\d+\.\d+\.\d+(?:-[\w.]+)?|file:\.\.(?:\/\.\.)?)$/.test(one))).toEqual([]);
});

// `npm ci` refuses a lock file that lacks an optional package, and an npm that could not load one leaves it out silently.
test("holds the optional packages of every platform", () => {
  const missing = packages.flatMap(([path, one]) =>
    Object.keys(one.optionalDependencies ?? {}).filter(
      (name) => !(`node_modules/${name}` in lock.packages || `${path}/node_modules/${name}` in lock.packages),
    ),
  );
  expect(missing).toEqual([]);
});

test("has no package with an install script outside development", () => {
  const withScript = packages.filter(([, one]) => one.hasInstallScript === true && one.dev !== true);
  expect(withScript.map(([path]) => path)).toEqual([]);
});
