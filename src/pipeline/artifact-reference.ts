import { previewValue } from "../encoding/preview.ts";
import { PipelineError } from "../errors.ts";
import type { SourceLocation } from "../model/source-location.ts";
import { callSite, formatPlace } from "./call-site.ts";
import { requireGraph } from "./graph.ts";
import { isName } from "./name-check.ts";
import type { Output } from "./output.ts";

/** A named artifact and which of its versions: `latest`, a number, or `sha256:` with 64 hexadecimal digits. */
export interface ArtifactReference {
  readonly name: string;
  readonly version: string;
}

const version = /^(?:latest|[1-9]\d{0,14}|sha256:[0-9a-f]{64})$/;

/**
 * Brings a stored artifact into a pipeline as an input. What enters the key is the digest it is resolved to when the
 * pipeline is run, so a new version is a miss and an equal one is not.
 *
 * @throws PipelineError (`WS_BAD_REFERENCE`, `WS_OUTSIDE_PIPELINE`, `WS_STEP_IN_STEP`).
 * @example const before = artifact<Model>("late-model@latest");
 */
export function artifact<T = unknown>(reference: string): Output<T> {
  const at = callSite(artifact);
  const graph = requireGraph({
    what: `\`artifact(${previewValue(reference, 40)})\``,
    at,
    outside: "Call it inside the builder of a pipeline and hand what it gives to a step.",
    inStep: "Call it in the pipeline and hand what it gives to this step as an input.",
  });
  const parsed = parseArtifactReference(reference, at);
  const source = Object.freeze({ kind: "artifact", ...parsed } as const);
  return graph.addArtifact(source, `${parsed.name}@${parsed.version}`, at) as Output<T>;
}

/**
 * Reads `name@version`.
 *
 * @throws PipelineError (`WS_BAD_REFERENCE`) saying what is missing or wrong.
 * @example parseArtifactReference("late-model@3") // { name: "late-model", version: "3" }
 */
function parseArtifactReference(reference: string, at?: SourceLocation): ArtifactReference {
  const mark = typeof reference === "string" ? reference.indexOf("@") : -1;
  const name = mark < 0 ? reference : reference.slice(0, mark);
  const wanted = mark < 0 ? "" : reference.slice(mark + 1);
  if (isName(name) && version.test(wanted)) return { name, version: wanted };
  const place = at === undefined ? "" : ` (${formatPlace(at)})`;
  const example = isName(name) ? name : "late-model";
  throw new PipelineError("WS_BAD_REFERENCE", {
    message: `${previewValue(reference)} names no artifact${place}.`,
    hint: `Write a name and a version: \`${example}@latest\`, \`${example}@3\` or \`${example}@sha256:…\` with all 64 digits.`,
    details: { reference: previewValue(reference), ...(at === undefined ? {} : { at }) },
  });
}
