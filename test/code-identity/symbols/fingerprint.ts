import { readFileSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { createCodeIdentifier } from "../../../src/code-identity/code-identifier.ts";
import type { CodeIdentity, IdentifyRequest } from "../../../src/code-identity/code-identity.ts";
import type { SourceLocation } from "../../../src/model/source-location.ts";
import type { Project } from "../project.ts";
import { withPlainStacks } from "./plain-stacks.ts";

export type Grain = Extract<IdentifyRequest["mode"], string>;

export interface StepTarget {
  /** The module whose program it is, and where the step stands unless `file` says otherwise. */
  readonly entry: string;
  readonly file?: string;
  readonly step: string;
}

/**
 * The code identity of a step that is written out in its `step(…)` call, from the sources alone, as they are now. Nothing is
 * evaluated.
 */
export function fingerprintOf(project: Project, target: StepTarget, grain: Grain): Promise<CodeIdentity> {
  const file = join(project.root, target.file ?? target.entry);
  const definedAt = callOf(file, target.step);
  return withPlainStacks(() =>
    createCodeIdentifier({ projectRoot: project.root }).identify({
      step: { fn: neverRead, definedAt },
      materializers: [],
      pipelineModule: pathToFileURL(join(project.root, target.entry)).href,
      mode: grain,
    }),
  );
}

/** What a function is that the place of its call tells alone. */
function neverRead(): void {}

function callOf(file: string, step: string): SourceLocation {
  const text = readFileSync(file, "utf8");
  const at = text.search(new RegExp(`\\bstep\\(\\s*['"]${step}['"]`));
  if (at === -1) throw new Error(`${file} has no step ${step}`);
  const lines = text.slice(0, at).split("\n");
  return { url: pathToFileURL(file).href, line: lines.length, column: (lines.at(-1) ?? "").length + 1 };
}
