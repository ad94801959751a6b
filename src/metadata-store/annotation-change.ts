import { MetadataError } from "../errors.ts";
import type { Annotations } from "../model/run.ts";
import type { AnnotationChange } from "./metadata-store.ts";
import { isValidText } from "./valid-text.ts";

/** What a run or an artifact carries before anybody annotated it. */
export const NO_ANNOTATIONS: Annotations = Object.freeze({ tags: Object.freeze([]), properties: Object.freeze({}) });

/**
 * The annotations after a change: tags sorted and without repeats (what is both added and removed is gone), the note
 * replaced, properties merged.
 *
 * @throws MetadataError WS_METADATA_STORE when a tag is empty or a number is not finite.
 */
export function changeAnnotations(current: Annotations, change: AnnotationChange): Annotations {
  checkChange(change);
  const tags = new Set([...current.tags, ...(change.addTags ?? [])]);
  for (const tag of change.removeTags ?? []) tags.delete(tag);
  const note = change.note === undefined ? current.note : (change.note ?? undefined);
  return {
    tags: [...tags].toSorted(),
    ...(note === undefined ? {} : { note }),
    properties: mergeProperties(current.properties, change.properties ?? {}),
  };
}

function mergeProperties(
  current: Annotations["properties"],
  change: NonNullable<AnnotationChange["properties"]>,
): Annotations["properties"] {
  const merged = new Map<string, string | number | boolean>(Object.entries(current));
  for (const [name, value] of Object.entries(change)) {
    if (value === null) merged.delete(name);
    else merged.set(name, value);
  }
  return Object.fromEntries(merged);
}

function checkChange({ addTags, note, properties }: AnnotationChange): void {
  const texts = [...(addTags ?? []), ...Object.keys(properties ?? {})];
  if (texts.some((text) => text === "" || !isValidText(text)))
    throw refused("a tag or the name of a property is empty or no valid text");
  if (typeof note === "string" && !isValidText(note)) throw refused("the note is no valid text");
  for (const [name, value] of Object.entries(properties ?? {})) {
    if (typeof value === "number" && !Number.isFinite(value)) throw refused(`the property \`${name}\` is ${value}`);
  }
}

function refused(why: string): MetadataError {
  return new MetadataError("WS_METADATA_STORE", {
    message: `The annotation was refused: ${why}.`,
    hint: "Tags and property names are non-empty texts, and numbers are finite.",
  });
}
