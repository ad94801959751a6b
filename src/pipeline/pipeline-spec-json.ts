import { EncodingError } from "../errors.ts";
import type { SourceLocation } from "../model/source-location.ts";
import { deepFreeze } from "../util/deep-freeze.ts";
import { isDuration } from "./duration.ts";
import { JsonReader } from "./json-reader.ts";
import { checkPipelineSpec } from "./pipeline-spec-check.ts";
import { PIPELINE_SPEC_VERSION } from "./pipeline-spec.ts";
import type { InputSource, NodeSpec, OutputSpec, PipelineSpec, PropertySpec, ResultSpec } from "./pipeline-spec.ts";
import type { CachePolicy } from "./step-options.ts";

/**
 * Writes a spec as JSON text, bytes in base64. There is no secret in it: a spec holds their names only.
 *
 * @example pipelineSpecFromJson(pipelineSpecToJson(spec)) // equal to spec
 */
export function pipelineSpecToJson(spec: PipelineSpec): string {
  return JSON.stringify(spec, (_, value: unknown) =>
    value instanceof Uint8Array
      ? Buffer.from(value.buffer, value.byteOffset, value.byteLength).toString("base64")
      : value,
  );
}

/**
 * Reads a spec from JSON text and checks it through and through; it comes out frozen.
 *
 * @throws EncodingError (`WS_FORMAT_NEWER` for a later version, `WS_BAD_ENCODING` for what is no spec), PipelineError
 * (`WS_CYCLE`, `WS_DUPLICATE_ID`).
 */
export function pipelineSpecFromJson(text: string): PipelineSpec {
  const reader = new JsonReader(parse(text), "spec");
  checkVersion(reader.get("version").count());
  const spec: PipelineSpec = {
    version: PIPELINE_SPEC_VERSION,
    name: reader.get("name").text(),
    at: readLocation(reader.get("at")),
    params: reader.get("params").record(),
    nodes: reader.get("nodes").list(readNode),
    results: readResult(reader.get("results")),
    ...reader.optional("cache", readCache),
    ...reader.optional("trust", readTexts),
  };
  checkPipelineSpec(spec);
  return deepFreeze(spec);
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    throw new EncodingError({
      code: "WS_BAD_ENCODING",
      message: "A pipeline spec should be JSON, and this text is not.",
      hint: "It was cut short or not written by Warmstart: compile the pipeline again.",
      cause: error,
    });
  }
}

function checkVersion(found: number): void {
  if (found === PIPELINE_SPEC_VERSION) return;
  const newer = found > PIPELINE_SPEC_VERSION;
  throw new EncodingError({
    code: newer ? "WS_FORMAT_NEWER" : "WS_BAD_ENCODING",
    message: `This pipeline spec has version ${found}, and this release reads version ${PIPELINE_SPEC_VERSION}.`,
    hint: newer ? "Update Warmstart here, or compile the pipeline with this release." : "Compile the pipeline again.",
    details: { found, read: PIPELINE_SPEC_VERSION },
  });
}

function readLocation(reader: JsonReader): SourceLocation {
  return { url: reader.get("url").text(), line: reader.get("line").count(), column: reader.get("column").count() };
}

function readNode(reader: JsonReader): NodeSpec {
  return {
    id: reader.get("id").text(),
    step: reader.get("step").text(),
    stepKey: reader.get("stepKey").text(),
    properties: reader.get("properties").list(readProperty),
    after: readTexts(reader.get("after")),
    outputs: reader.get("outputs").list(readOutput),
    at: readLocation(reader.get("at")),
    ...reader.optional("cache", readCache),
    ...reader.optional("trust", readTexts),
  };
}

function readProperty(reader: JsonReader): PropertySpec {
  return {
    name: reader.get("name").text(),
    bytes: reader.get("bytes").bytes(),
    inputs: reader.get("inputs").list((input) => ({
      label: input.get("label").text(),
      source: readSource(input.get("source")),
    })),
    direct: reader.get("direct").flag(),
    secrets: readTexts(reader.get("secrets")),
    secretsInKey: readTexts(reader.get("secretsInKey")),
    shown: reader.get("shown").text(),
  };
}

function readSource(reader: JsonReader): InputSource {
  const kind = reader.get("kind").text();
  if (kind === "node") return { kind, node: reader.get("node").text(), output: reader.get("output").text() };
  if (kind === "artifact") return { kind, name: reader.get("name").text(), version: reader.get("version").text() };
  throw reader.get("kind").unexpected("`node` or `artifact`");
}

function readOutput(reader: JsonReader): OutputSpec {
  return {
    name: reader.get("name").text(),
    ...reader.optional("materializer", (item) => item.text()),
    ...reader.optional("artifactName", (item) => item.text()),
  };
}

function readResult(reader: JsonReader): ResultSpec {
  const kind = reader.get("kind").text();
  if (kind === "output") return { kind, source: readSource(reader.get("source")) };
  if (kind === "array") return { kind, items: reader.get("items").list(readResult) };
  if (kind === "record") return { kind, entries: reader.get("entries").list(readEntry) };
  throw reader.get("kind").unexpected("`output`, `array` or `record`");
}

function readEntry(reader: JsonReader): readonly [string, ResultSpec] {
  const [name, result, ...rest] = reader.list((item) => item);
  if (name === undefined || result === undefined || rest.length > 0) throw reader.unexpected("a name and a result");
  return [name.text(), readResult(result)];
}

function readCache(reader: JsonReader): CachePolicy {
  const { value } = reader;
  if (value === "use" || value === "refresh" || value === "off") return value;
  const ttl = reader.get("ttl");
  if (!isDuration(ttl.value)) throw ttl.unexpected("a length of time");
  return { ttl: ttl.value };
}

function readTexts(reader: JsonReader): readonly string[] {
  return reader.list((item) => item.text());
}
