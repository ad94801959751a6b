import { fileURLToPath } from "node:url";
import path from "node:path";
import { trustWords } from "../../cache/cache-policy.ts";
import type { SourceLocation } from "../../model/source-location.ts";
import type { UnseenActivity } from "../../model/reads.ts";

/** Words that people may add so that a stored result counts. */
export interface Choice {
  /** `flights.ts:9`, where the step is defined; "" where that is no file. */
  readonly at: string;
  /** What to add to the step's options: `trust: ["network:api.openai.com"]`. */
  readonly setting: string;
  readonly lasts: "for a time" | "always";
}

/** The exact words for what nobody vouched for; none where words change nothing. */
export function choicesFor(
  unseen: readonly UnseenActivity[],
  definedAt: SourceLocation | undefined,
): readonly Choice[] {
  if (unseen.length === 0) return [];
  const at = placeOf(definedAt);
  const always: Choice = { at, setting: trustOf(unseen), lasts: "always" };
  const others = unseen.filter(({ kind }) => kind !== "network");
  if (others.length === unseen.length) return [always];
  const rest = others.length === 0 ? "" : `, ${trustOf(others)}`;
  return [{ at, setting: `cache: { ttl: "30d" }${rest}`, lasts: "for a time" }, always];
}

function trustOf(unseen: readonly UnseenActivity[]): string {
  const words = trustWords(unseen).map((word) => JSON.stringify(word));
  return `trust: [${words.join(", ")}]`;
}

function placeOf(at: SourceLocation | undefined): string {
  if (at === undefined || !at.url.startsWith("file:")) return "";
  return `${path.relative(process.cwd(), fileURLToPath(at.url))}:${at.line}`;
}
