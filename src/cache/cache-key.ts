import { createHmac } from "node:crypto";
import { canonicalDigest } from "../encoding/canonical.ts";
import { holdsDate } from "./holds-date.ts";
import { digestOf, parseDigest } from "../encoding/digest.ts";
import type { Digest } from "../encoding/digest.ts";
import { keyTree } from "../encoding/key-tree.ts";
import type { KeyLeaf, KeyTree } from "../encoding/key-tree.ts";
import { previewValue } from "../encoding/preview.ts";
import type { ArtifactRecord, ArtifactType } from "../model/artifact.ts";
import type { ReadRecord } from "../model/reads.ts";
import type { NodeSpec, PropertySpec } from "../pipeline/pipeline-spec.ts";
import type { StepOptions } from "../pipeline/step-options.ts";

/** The version of what enters a key and how; a change of it makes every step a miss, so it needs a very good reason. */
export const KEY_FORMAT = 1;

/** What all nodes of one step share. */
export interface StepKeyInit {
  /** Digest of the code identity. */
  readonly code: Digest;
  readonly localeSensitive: boolean;
  readonly native: boolean;
  readonly options: StepOptions;
  /** Types of the outputs that are known before the step ran: those that name a materializer. */
  readonly outputTypes: ReadonlyMap<string, ArtifactType>;
}

/** Facts about the machine and Node that a key may need, as they are now. */
export interface RuntimeFacts {
  readonly nodeMajor: string;
  readonly timeZone: string;
  readonly locale: string;
  readonly icu: string;
  readonly architecture: string;
}

export interface NodeKeyInit {
  readonly step: StepKeyInit;
  readonly node: NodeSpec;
  readonly runtime: RuntimeFacts;
  /** The upstream artifacts by label. */
  readonly inputs: ReadonlyMap<string, ArtifactRecord>;
  /** What the step's `dataVersion` answered, where it has one. */
  readonly dataVersion?: { readonly value: unknown };
  /** Value of a secret, asked only for those that are declared `inKey`. */
  secretValue(name: string): string | undefined;
  /** Key of the repository for HMACs. */
  readonly secretKey: string;
  /** Patterns of variables that the configuration counts although they usually do not: before, they were not asked for. */
  readonly counted?: readonly string[];
}

/**
 * The weak key's tree: code, configuration, inputs, runtime and outputs as labelled leaves.
 *
 * Not in it, so that the same computation is found from everywhere: pipeline, node id, repository path, store, user,
 * host, time, execution settings, policy, and Warmstart's own version.
 */
export function weakKeyTree(init: NodeKeyInit): KeyTree {
  const { node, step } = init;
  const leaves: KeyLeaf[] = [
    { path: ["code"], digest: step.code },
    { path: ["format"], digest: textDigest(String(KEY_FORMAT)), shown: String(KEY_FORMAT) },
  ];
  const ignored = new Set(step.options.ignore);
  for (const property of node.properties) if (!ignored.has(property.name)) addProperty(leaves, property, init);
  for (const output of node.outputs) leaves.push(outputLeaf(output.name, step.outputTypes.get(output.name)));
  addOptions(leaves, init);
  addRuntime(leaves, init);
  const counted = [...new Set(init.counted)].sort().join(" ");
  if (counted !== "")
    leaves.push({ path: ["runtime", "counted variables"], digest: textDigest(counted), shown: counted });
  return keyTree(leaves);
}

/** The seed of `ctx.random`: configuration and inputs and the salt, never code or reads. */
export function randomSeed(tree: KeyTree): Digest {
  const parts = tree.leaves
    .filter(({ path: [head] }) => head === "config" || head === "inputs" || head === "salt")
    .map(({ path, digest }) => `${JSON.stringify(path)}=${digest}`);
  return digestOf(parts.join("\n"));
}

/** The leaves of what was read; with the weak tree's they make the strong key. */
export function readLeaves(reads: readonly ReadRecord[]): readonly KeyLeaf[] {
  return reads.map(({ kind, name, digest }) =>
    kind === "env"
      ? { path: ["env", name], digest }
      : { path: ["reads", `${kind === "absent" ? "file" : kind}:${name}`], digest },
  );
}

/** What an artifact is to whoever reads it: its bytes and how they become a value. */
function inputDigest({ type, digest }: Pick<ArtifactRecord, "type" | "digest">): Digest {
  return textDigest(`${type.id}@${type.version}:${digest}`);
}

const knownTexts = new Map<string, Digest>();

function textDigest(text: string): Digest {
  const known = knownTexts.get(text);
  if (known !== undefined) return known;
  const digest = digestOf(text);
  if (knownTexts.size > 50_000) knownTexts.clear();
  knownTexts.set(text, digest);
  return digest;
}

function addProperty(leaves: KeyLeaf[], property: PropertySpec, init: NodeKeyInit): void {
  if (!property.direct)
    leaves.push({ path: ["config", property.name], digest: digestOf(property.bytes), shown: property.shown });
  for (const { label } of property.inputs) leaves.push(inputLeaf(label, init));
  for (const name of property.secrets) leaves.push(secretLeaf(property, name, init));
}

function inputLeaf(label: string, init: NodeKeyInit): KeyLeaf {
  const artifact = init.inputs.get(label);
  if (artifact === undefined) throw new Error(`the input ${label} of ${init.node.id} is not known yet`);
  return { path: ["inputs", label], digest: inputDigest(artifact), shown: artifact.digest.slice(0, 12) };
}

function secretLeaf(property: PropertySpec, name: string, init: NodeKeyInit): KeyLeaf {
  const path = ["secrets", property.name, name];
  if (!property.secretsInKey.includes(name)) return { path, digest: textDigest(name), shown: "not counted" };
  const value = init.secretValue(name) ?? "";
  const hmac = createHmac("sha256", init.secretKey).update(`${name.length}:${name}=`).update(value).digest("hex");
  return { path, digest: parseDigest(hmac) };
}

function outputLeaf(name: string, type: ArtifactType | undefined): KeyLeaf {
  const shown = type === undefined ? "data" : `${type.id}@${type.version}`;
  return { path: ["outputs", name], digest: textDigest(shown), shown };
}

function addOptions(leaves: KeyLeaf[], { step: { options }, dataVersion }: NodeKeyInit): void {
  const { version, salt } = options;
  if (version !== undefined) leaves.push({ path: ["version"], digest: textDigest(version), shown: version });
  if (salt !== undefined) leaves.push({ path: ["salt"], digest: textDigest(salt), shown: salt });
  if (options.ignore !== undefined && options.ignore.length > 0) {
    const names = [...options.ignore].sort();
    leaves.push({ path: ["ignore"], digest: canonicalDigest(names), shown: names.join(", ") });
  }
  if (dataVersion !== undefined) {
    const { value } = dataVersion;
    leaves.push({ path: ["dataVersion"], digest: canonicalDigest(value), shown: previewValue(value) });
  }
}

function addRuntime(leaves: KeyLeaf[], init: NodeKeyInit): void {
  const { step, runtime } = init;
  const add = (name: string, value: string): void => {
    leaves.push({ path: ["runtime", name], digest: textDigest(value), shown: value });
  };
  add("node", runtime.nodeMajor);
  if (step.native) add("architecture", runtime.architecture);
  if (!step.localeSensitive && !isGivenDate(init)) return;
  add("timeZone", runtime.timeZone);
  add("locale", runtime.locale);
  add("icu", runtime.icu);
}

/** A step that names no `Date` still depends on the time zone when it is given one. */
function isGivenDate({ node, inputs }: NodeKeyInit): boolean {
  if ([...inputs.values()].some(({ traits }) => traits.includes("date"))) return true;
  return node.properties.some(({ bytes }) => holdsDate(bytes));
}
