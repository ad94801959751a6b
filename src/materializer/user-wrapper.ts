import { previewValue } from "../encoding/preview.ts";
import { MaterializerError } from "../errors.ts";
import type { ArtifactType, StoredValue } from "../model/artifact.ts";
import type { UserMaterializer } from "../pipeline/user-materializer.ts";
import { badStoredValue } from "./bad-stored-value.ts";
import { structured } from "./builtin/structured/structured.ts";
import { CapturingBlobs } from "./capturing-blobs.ts";
import type { LoadContext, Materializer, SaveContext } from "./materializer.ts";

const SHOWN = 200;

/** Calls a function of the user's. */
export type UserCall = <T>(body: () => T) => T;

/** Keeps a user's value as the structured form of what its `save` gives. */
export function wrapUserMaterializer(given: UserMaterializer, around: UserCall): Materializer {
  const definition: UserMaterializer = {
    ...given,
    is: (value): value is unknown => around(() => given.is(value)),
    save: (value) => around(() => given.save(value)),
    load: (data) => around(() => given.load(data)),
  };
  const type: ArtifactType = Object.freeze({ id: definition.id, version: definition.version });
  return Object.freeze<Materializer>({
    type,
    accepts: (value): value is unknown => accepts(definition, value),
    save: (value, context) => save(definition, type, value, context),
    load: (stored, context) => load(definition, stored, context),
  });
}

function accepts(definition: UserMaterializer, value: unknown): boolean {
  return call(definition, "is", () => definition.is(value)) === true;
}

async function save(
  definition: UserMaterializer,
  type: ArtifactType,
  value: unknown,
  context: SaveContext,
): Promise<StoredValue> {
  const data: unknown = await callAsync(definition, "save", async () => await definition.save(value));
  const blobs = new CapturingBlobs(context.blobs);
  const stored = await structured.save(data, { ...context, blobs });
  await checkRoundTrip(definition, stored, blobs);
  return { ...stored, type, shown: previewValue(value, SHOWN) };
}

/** What `load` makes of the very bytes that were stored must be such a value again; a large one is checked when it is read. */
async function checkRoundTrip(definition: UserMaterializer, stored: StoredValue, blobs: CapturingBlobs): Promise<void> {
  const reader = blobs.reader();
  if (reader === undefined) return;
  const data = await structured.load(stored, { blobs: reader, filesFolder: noFiles });
  const again: unknown = await callAsync(definition, "load", async () => await definition.load(data));
  if (accepts(definition, again)) return;
  throw new MaterializerError("WS_NOT_STORABLE", {
    message: `The materializer \`${definition.id}\` does not read back what it saves: \`load\` gave ${previewValue(again)}, which \`is\` refuses.`,
    hint: "Let `save` give plain data that holds everything, and `load` make a value of the class from it.",
    details: { id: definition.id },
  });
}

async function load(definition: UserMaterializer, stored: StoredValue, context: LoadContext): Promise<unknown> {
  const data = await structured.load(stored, context);
  const value: unknown = await callAsync(definition, "load", async () => await definition.load(data));
  if (accepts(definition, value)) return value;
  throw badStoredValue(definition.id, `its \`load\` gave ${previewValue(value)}, which \`is\` refuses`);
}

function call<T>(definition: UserMaterializer, name: string, work: () => T): T {
  try {
    return work();
  } catch (cause) {
    throw failed(definition, name, cause);
  }
}

async function callAsync<T>(definition: UserMaterializer, name: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (cause) {
    throw failed(definition, name, cause);
  }
}

function failed({ id }: UserMaterializer, name: string, cause: unknown): MaterializerError {
  const what = cause instanceof Error ? cause.message : previewValue(cause);
  return new MaterializerError(name === "load" ? "WS_BAD_STORED_VALUE" : "WS_NOT_STORABLE", {
    message: `\`${name}\` of the materializer \`${id}\` threw: ${what}`,
    hint: "Mend the function, and raise the materializer's version if the stored form changes.",
    details: { id, function: name },
    cause,
  });
}

function noFiles(): Promise<string> {
  return Promise.reject(badStoredValue("structured", "it asks for a folder"));
}
