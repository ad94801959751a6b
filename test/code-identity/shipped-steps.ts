import { globSync } from "node:fs";
import path from "node:path";
import { pathToFileURL } from "node:url";
import { createCodeIdentifier } from "../../src/code-identity/code-identifier.ts";
import type { CodeIdentity } from "../../src/code-identity/code-identity.ts";
import { shippedVersion } from "../../src/code-identity/shipped-code.ts";
import { stepDefinition } from "../../src/pipeline/step.ts";
import type { StepDefinition } from "../../src/pipeline/step-table.ts";

/** What is on record of each step that ships, by its name. */
export type ShippedRecord = Readonly<Record<string, { readonly version: string; readonly code: string }>>;

export interface ShippedSteps {
  readonly record: ShippedRecord;
  /** What a step that ships must not do. */
  readonly faults: readonly string[];
}

/** All steps that the modules below a folder of Warmstart export, with the digest of what each can reach. */
export async function shippedSteps(root: string, folder: string): Promise<ShippedSteps> {
  // Elsewhere Warmstart's own files are no part of any identity.
  const identifier = createCodeIdentifier({ projectRoot: root, ownPackageRoot: import.meta.dirname });
  const record: Record<string, { version: string; code: string }> = {};
  const faults: string[] = [];
  const definitions = await exportedSteps(path.join(root, folder));
  for (const { module, definition } of definitions) {
    const { name, fn, definedAt, options } = definition;
    const identity = await identifier.identify({
      step: { fn, definedAt },
      materializers: [],
      pipelineModule: module,
      mode: "symbols",
    });
    const version = typeof options.code === "object" ? options.code.version : "";
    faults.push(...faultsOf(name, version, identity));
    if (Object.values(record).some((known) => known.version === version))
      faults.push(`${name}: another step has ${version}`);
    record[name] = { version, code: identity.digest };
  }
  return { record, faults };
}

/** What speaks against a release: code that is another one than on record below an equal version. */
export function changedWithoutVersion(before: ShippedRecord, now: ShippedRecord): readonly string[] {
  return Object.entries(now).flatMap(([name, { version, code }]) => {
    const known = before[name];
    return known === undefined || known.version !== version || known.code === code
      ? []
      : [`${name}: its code changed and its version is still ${version}`];
  });
}

function faultsOf(name: string, version: string, { captures, unseen }: CodeIdentity): readonly string[] {
  const closedOver = captures.slice(1).map((capture) => `${name}: closes over ${capture.name}`);
  const undecided = unseen.map(({ note }) => `${name}: ${note ?? "undecided"}`);
  return [
    ...(shippedVersion({ version }) !== undefined ? [] : [`${name}: has no version of its own`]),
    ...closedOver,
    ...undecided,
  ];
}

async function exportedSteps(
  folder: string,
): Promise<readonly { readonly module: string; readonly definition: StepDefinition }[]> {
  const found: { module: string; definition: StepDefinition }[] = [];
  for (const file of globSync("**/*.ts", { cwd: folder }).sort()) {
    const module = pathToFileURL(path.join(folder, file)).href;
    const exported = Object.values((await import(module)) as Record<string, unknown>);
    found.push(
      ...exported.flatMap((value) => stepDefinition(value) ?? []).map((definition) => ({ module, definition })),
    );
  }
  return found;
}
