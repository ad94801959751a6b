import type { StandardSchemaV1 } from "@standard-schema/spec";
import { formatValuePath } from "../encoding/value-path.ts";
import { previewValue } from "../encoding/preview.ts";
import { PipelineError } from "../errors.ts";
import type { SourceLocation } from "../model/source-location.ts";
import { nearestName } from "../util/nearest-name.ts";
import { acceptedParameters } from "./accepted-parameters.ts";
import { formatPlace } from "./call-site.ts";
import { isPlainRecord } from "./property-lifter.ts";

/** Whose parameters are read. */
export interface ParametersOwner {
  readonly name: string;
  readonly definedAt: SourceLocation;
  readonly schema: StandardSchemaV1 | undefined;
  readonly build: (params: never) => unknown;
}

/** What a builder is called with. */
export type Parameters = Readonly<Record<string, unknown>>;

/**
 * Checks a pipeline's parameters against its schema; without one they are taken as they are given.
 *
 * @throws PipelineError (`WS_BAD_PARAMETER`) with one line per issue.
 */
export async function readParameters(owner: ParametersOwner, given: unknown): Promise<Parameters> {
  const values = givenParameters(owner, given);
  if (owner.schema === undefined) return knownParameters(owner, values);
  return validated(owner, await owner.schema["~standard"].validate(values));
}

/**
 * The same for a pipeline that is called inside the builder of another, which cannot wait.
 *
 * @throws PipelineError (`WS_BAD_PARAMETER`), also for a schema that answers with a promise.
 */
export function readInnerParameters(owner: ParametersOwner, given: unknown): Parameters {
  const values = givenParameters(owner, given);
  if (owner.schema === undefined) return knownParameters(owner, values);
  const result = owner.schema["~standard"].validate(values);
  if (!isPromise(result)) return validated(owner, result);
  result.then(undefined, () => undefined);
  throw badParameters(owner, "are checked by an asynchronous schema, and an inner pipeline cannot wait for it", {
    hint: "Give the inner pipeline a schema without asynchronous checks, and keep those for the pipeline that is run.",
  });
}

type Validation = StandardSchemaV1.Result<unknown>;

function isPromise(result: Validation | Promise<Validation>): result is Promise<Validation> {
  return "then" in result;
}

function givenParameters(owner: ParametersOwner, given: unknown): Parameters {
  if (given === undefined) return {};
  if (isPlainRecord(given)) return given;
  throw badParameters(owner, `are ${previewValue(given)}`, { hint: "Give a plain object: { rounds: 200 }." });
}

/** Refuses a name that the builder cannot read: a mistyped one would be a run of something else than was meant. */
function knownParameters(owner: ParametersOwner, values: Parameters): Parameters {
  const accepted = acceptedParameters(owner.build);
  const unknown = accepted === undefined ? undefined : Object.keys(values).find((name) => !accepted.includes(name));
  if (accepted === undefined || unknown === undefined) return values;
  const nearest = nearestName(unknown, accepted);
  const taken = accepted.length === 0 ? "It takes none." : `It takes ${accepted.join(", ")}.`;
  throw badParameters(owner, `have a name that it does not take: \`${unknown}\``, {
    hint: nearest === undefined ? taken : `Did you mean \`${nearest}\`? ${taken}`,
  });
}

function validated(owner: ParametersOwner, result: Validation): Parameters {
  if (result.issues === undefined) {
    if (isPlainRecord(result.value)) return result.value;
    throw badParameters(owner, `became ${previewValue(result.value)} in their schema`, {
      hint: "Give `params` a schema of an object: z.object({ rounds: z.number() }).",
    });
  }
  const issues = result.issues.map(({ message, path }) => ({ path: issuePath(path), message }));
  const lines = issues.map(({ path, message }) => `\n  ${path === "" ? "" : `${path}: `}${message}`);
  throw badParameters(owner, `do not fit its schema:${lines.join("")}`, {
    hint: "On the command line: `--param name=value`, once for each.",
    issues,
  });
}

/** The path of an issue, as it would be written: `models[0].depth`. */
function issuePath(path: StandardSchemaV1.Issue["path"]): string {
  const keys = (path ?? []).map((segment) => (typeof segment === "object" ? segment.key : segment));
  return formatValuePath(
    undefined,
    keys.map((key) => (typeof key === "symbol" ? String(key) : key)),
  );
}

interface BadParametersInit {
  readonly hint: string;
  readonly issues?: readonly { readonly path: string; readonly message: string }[];
}

function badParameters(
  { name, definedAt }: ParametersOwner,
  what: string,
  { hint, issues }: BadParametersInit,
): PipelineError {
  const stop = what.includes("\n") ? "" : ".";
  return new PipelineError("WS_BAD_PARAMETER", {
    message: `The parameters of pipeline \`${name}\` (${formatPlace(definedAt)}) ${what}${stop}`,
    hint,
    details: { pipeline: name, at: definedAt, ...(issues === undefined ? {} : { issues }) },
  });
}
