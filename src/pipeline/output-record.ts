import { PipelineError } from "../errors.ts";
import type { SourceLocation } from "../model/source-location.ts";
import { nearestName } from "../util/nearest-name.ts";
import { formatPlace } from "./call-site.ts";
import type { Output } from "./output.ts";
import { threadSlot } from "./thread-state.ts";

type OutputRecord = Readonly<Record<string, Output<unknown>>>;

const records: WeakSet<object> = threadSlot("output-records", () => new WeakSet<object>());

/**
 * The handles of a step with several outputs. Asking it for an output that there is not throws: left undefined, it
 * would silently count as an input that is not given.
 */
export function createOutputRecord(outputs: OutputRecord, step: string, at: SourceLocation): OutputRecord {
  const record = new Proxy(Object.freeze({ ...outputs }), {
    get(target, key) {
      if (typeof key === "symbol" || key === "then" || Object.hasOwn(target, key)) return Reflect.get(target, key);
      throw unknownOutput(key, Object.keys(target), step, at);
    },
  });
  records.add(record);
  return record;
}

/** Whether a value is what a step with several outputs gave. */
export function isOutputRecord(value: unknown): value is OutputRecord {
  return typeof value === "object" && value !== null && records.has(value);
}

function unknownOutput(name: string, known: readonly string[], step: string, at: SourceLocation): PipelineError {
  const meant = nearestName(name, known);
  const list = known.map((output) => `\`${output}\``).join(", ");
  return new PipelineError("WS_HANDLE_MISUSED", {
    message: `\`${step}\` (${formatPlace(at)}) has no output \`${name}\`.`,
    hint: meant === undefined ? `Its outputs are ${list}.` : `Did you mean \`${meant}\`? Its outputs are ${list}.`,
    details: { step, at, output: name, known },
  });
}
