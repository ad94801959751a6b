import { canonicalDigest } from "../encoding/canonical.ts";
import { digestOf } from "../encoding/digest.ts";
import type { Digest } from "../encoding/digest.ts";
import type { KeyLeaf } from "../encoding/key-tree.ts";
import type { CodeClosure } from "./code-closure.ts";
import type { CapturedValue, CodeIdentity, CodeRemarks, IdentifiedModule } from "./code-identity.ts";
import type { FunctionFacts, MetFunction } from "./function-reader.ts";

/** One function or group of functions with the closure of its files. */
export interface IdentityPart {
  readonly prefix: readonly string[];
  readonly own: readonly KeyLeaf[];
  readonly functions: readonly FunctionFacts[];
  readonly closure: CodeClosure;
  readonly pieces: readonly Digest[];
  readonly remarks: CodeRemarks;
}

const NO_REMARKS: CodeRemarks = { warnings: [], environment: [], state: [], contained: false };

export function filesPart(
  prefix: readonly string[],
  functions: readonly FunctionFacts[],
  closure: CodeClosure,
): IdentityPart {
  const single = functions.length === 1;
  const own = functions.flatMap((facts, index): readonly KeyLeaf[] => {
    const number = single ? "" : `:${index}`;
    const { place, functions, captures } = facts;
    return [
      { path: [`function${number}`], digest: placesDigest(functions), shown: place.join("#") },
      ...captures.map(({ name, digest, shown }) => ({ path: [`capture${number}:${name}`], digest, shown })),
    ];
  });
  return { prefix, own, functions, closure, pieces: [], remarks: NO_REMARKS };
}

/** What another thread must find in the function that it takes for this one: its place and what it captured. */
export function evidenceOf({ functions, captures }: FunctionFacts): readonly CapturedValue[] {
  return [
    { name: "function", digest: placesDigest(functions) },
    ...captures.map(({ name, digest }) => ({ name, digest })),
  ];
}

function placesDigest(functions: readonly MetFunction[]): Digest {
  return canonicalDigest(functions.map(({ place }) => [...place]));
}

/** The identity over all parts; what the step reaches itself is said once. */
export function assemble(parts: readonly IdentityPart[], step: FunctionFacts): Omit<CodeIdentity, "program"> {
  const leaves: KeyLeaf[] = [];
  const shared = new Set<string>();
  for (const [index, { prefix, own, closure }] of parts.entries()) {
    for (const leaf of own) leaves.push({ ...leaf, path: ["code", ...prefix, ...leaf.path] });
    for (const leaf of closure.leaves) {
      // What the step reaches itself is said once.
      const name = `${leaf.path.join("/")} ${leaf.digest}`;
      if (index === 0 && parts.length > 1) shared.add(name);
      if (index === 0) leaves.push(leaf);
      else if (!shared.has(name)) leaves.push({ ...leaf, path: ["code", ...prefix, ...leaf.path.slice(1)] });
    }
  }
  const summary = parts.map(({ prefix, own, closure }) => [
    [...prefix],
    own.map(({ path, digest }) => [[...path], digest]),
    closure.digest,
  ]);
  return {
    digest: canonicalDigest(summary),
    leaves,
    modules: modulesOf(parts),
    captures: evidenceOf(step),
    literal: step.literal,
    unseen: parts.flatMap(({ functions, closure }) => [
      ...functions.flatMap((facts) => facts.unseen),
      ...closure.unseen,
    ]),
    localeSensitive: parts.some(({ closure }) => closure.localeSensitive),
    native: parts.some(({ closure }) => closure.native),
    pieces: parts.flatMap(({ pieces }) => pieces),
    remarks: {
      warnings: parts.flatMap(({ remarks }) => remarks.warnings),
      environment: parts.flatMap(({ remarks }) => remarks.environment),
      state: parts.flatMap(({ remarks }) => remarks.state),
      contained: parts.every(({ remarks }) => remarks.contained),
    },
  };
}

/** Most steps have one part, and all of a program's steps share its modules: they are not listed anew for each. */
function modulesOf(parts: readonly IdentityPart[]): readonly IdentifiedModule[] {
  const lists = new Set(parts.map(({ closure }) => closure.modules));
  const [only, ...others] = lists;
  if (only !== undefined && others.length === 0) return only;
  return [...new Map([...lists].flatMap((list) => list.map((module) => [module.url, module]))).values()];
}

/** `{ version }` stands for the closure: the function's place and captures stay, so that two steps never share an identity. */
export function wordClosure(version: string): CodeClosure {
  const leaf: KeyLeaf = { path: ["code", "version"], digest: canonicalDigest(version), shown: version };
  return {
    digest: digestOf(`version ${leaf.digest}`),
    leaves: [leaf],
    paths: [],
    modules: [],
    unseen: [],
    // Whether the code asks for the time zone is not looked at, so it counts.
    localeSensitive: true,
    native: false,
    entries: [],
    unversioned: false,
    errors: [],
  };
}

/** @throws CodeIdentityError the first error among modules that a step reaches. */
export function refuseUnreadable({ errors: [error] }: Pick<CodeClosure, "errors">): void {
  if (error !== undefined) throw error;
}
