import { PipelineError } from "../errors.ts";

/** One `--param` of the command line. */
export interface ParameterText {
  readonly name: string;
  readonly value: unknown;
}

/**
 * Reads `name=value`. The value is JSON where it is JSON, and otherwise text. A number that JavaScript cannot hold
 * exactly (a long id) stays text, so that no digit is lost unseen.
 *
 * @throws PipelineError (`WS_BAD_PARAMETER`) without a name or `=`.
 * @example parseParameterText("rounds=200") // { name: "rounds", value: 200 }
 */
export function parseParameterText(text: string): ParameterText {
  const equals = text.indexOf("=");
  const name = text.slice(0, Math.max(0, equals)).trim();
  if (name !== "" && name !== "__proto__") return { name, value: valueOf(text.slice(equals + 1)) };
  throw new PipelineError("WS_BAD_PARAMETER", {
    message: `\`${text}\` is no parameter.`,
    hint: "Write --param name=value, for example --param rounds=200; a value that is JSON is read as such.",
    details: { text },
  });
}

/**
 * Reads several; the later of two with one name is refused rather than chosen.
 *
 * @throws PipelineError (`WS_BAD_PARAMETER`).
 */
export function parseParameterTexts(texts: readonly string[]): Readonly<Record<string, unknown>> {
  const values = new Map<string, unknown>();
  for (const { name, value } of texts.map(parseParameterText)) {
    if (values.has(name)) throw givenTwice(name);
    values.set(name, value);
  }
  return Object.fromEntries(values);
}

function valueOf(text: string): unknown {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return text;
  }
  return typeof value === "number" && !isExact(text.trim(), value) ? text : value;
}

/** Whether the digits that were written are those of the number that was read. */
function isExact(text: string, value: number): boolean {
  if (!Number.isFinite(value)) return false;
  if (Math.abs(value) > Number.MAX_SAFE_INTEGER && /^-?\d+$/.test(text))
    return BigInt(text) === BigInt(value) && String(value) === text;
  return true;
}

function givenTwice(name: string): PipelineError {
  return new PipelineError("WS_BAD_PARAMETER", {
    message: `The parameter \`${name}\` is given twice.`,
    hint: `Keep one \`--param ${name}=…\`; for a list, write it as JSON: \`--param ${name}=[1,2]\`.`,
    details: { name },
  });
}
