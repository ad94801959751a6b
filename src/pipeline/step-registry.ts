import type { SourceLocation } from "../model/source-location.ts";
import type { StepAddress, StepDefinition } from "./step-table.ts";
import { threadSlot } from "./thread-state.ts";

/** So many steps of one place are kept for good; beyond, only as long as somebody else holds them. */
const KEPT_PER_PLACE = 256;

interface Place {
  made: number;
  readonly kept: StepDefinition[];
  readonly others: Map<number, WeakRef<StepDefinition>>;
}

interface Registry {
  readonly places: Map<string, Place>;
  /** Takes the entry of a step that nobody holds any more out of its place. */
  readonly cleanup: FinalizationRegistry<{ readonly place: Place; readonly occurrence: number }>;
}

const registry: Registry = threadSlot("step-registry", () => ({
  places: new Map<string, Place>(),
  cleanup: new FinalizationRegistry(({ place, occurrence }) => place.others.delete(occurrence)),
}));

/**
 * Remembers a step under the place where it was defined. `define` is given its occurrence there.
 *
 * Steps made again and again at one place, as by a factory that runs on every request, do not add up: they are let go
 * with their last user.
 */
export function registerStep(at: SourceLocation, define: (occurrence: number) => StepDefinition): StepDefinition {
  const place = placeOf(at);
  const occurrence = place.made++;
  const definition = define(occurrence);
  if (occurrence < KEPT_PER_PLACE) place.kept.push(definition);
  else {
    place.others.set(occurrence, new WeakRef(definition));
    registry.cleanup.register(definition, { place, occurrence });
  }
  return definition;
}

/** The step of an address, when this thread has evaluated the call that made it. */
export function findStep(address: StepAddress): StepDefinition | undefined {
  const place = registry.places.get(placeKey(address.definedAt));
  const found = place?.kept[address.occurrence] ?? place?.others.get(address.occurrence)?.deref();
  return found?.name === address.name ? found : undefined;
}

/** Every step made at a place so far, in order: to say what was found there when an address was not. */
export function stepsDefinedAt(at: SourceLocation): readonly StepDefinition[] {
  const place = registry.places.get(placeKey(at));
  if (place === undefined) return [];
  const others = [...place.others.values()].map((reference) => reference.deref());
  return [...place.kept, ...others.filter((definition) => definition !== undefined)];
}

function placeOf(at: SourceLocation): Place {
  const key = placeKey(at);
  const known = registry.places.get(key);
  if (known !== undefined) return known;
  const place: Place = { made: 0, kept: [], others: new Map() };
  registry.places.set(key, place);
  return place;
}

function placeKey({ url, line, column }: SourceLocation): string {
  return `${url}:${line}:${column}`;
}
