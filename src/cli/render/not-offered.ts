import { fileURLToPath } from "node:url";
import path from "node:path";
import { trustWords } from "../../cache/cache-policy.ts";
import type { UnseenActivity, UnseenKind } from "../../model/reads.ts";
import type { StartedNode } from "../../runtime/run-event.ts";
import type { Paint } from "../format/paint.ts";
import { plainLine } from "../format/plain-text.ts";
import type { NotOffered } from "./run-progress.ts";

const deeds: Readonly<Record<UnseenKind, (names: string) => string>> = {
  network: (names) => `called ${names}, which cannot be seen to change`,
  native: (names) => `uses native code (${names}), whose reads cannot be seen`,
  child: (names) => `started a program (${names}), whose reads cannot be seen`,
  thread: (names) => `started a thread (${names}), whose reads cannot be seen`,
  environment: (names) => `read all environment variables (${names})`,
  code: (names) => `runs code that cannot be identified (${names})`,
  "in-process": () => "ran inside the program's own process, where its reads cannot be told from others'",
};

/** What was stored and will not be offered, one paragraph per step, with the exact words that would change it. */
export function notOfferedLines(all: readonly NotOffered[], paint: Paint): readonly string[] {
  const byText = new Map<string, string[]>();
  for (const one of all) {
    const text = whyNotOffered(one);
    byText.set(text, [...(byText.get(text) ?? []), one.node.id]);
  }
  return [...byText].map(([text, ids]) => `${paint("yellow", "!")} ${ids.join(", ")} ${text}`);
}

function whyNotOffered({ text, unseen, node }: NotOffered): string {
  if (unseen.length === 0) return `will not be reused: ${plainLine(text)}.`;
  const kinds = Map.groupBy(unseen, ({ kind }) => kind);
  const what = [...kinds].map(([kind, some]) => deeds[kind](namesOf(some))).join(", and ");
  const place = placeOf(node);
  const trust = `trust: [${trustWords(unseen)
    .map((word) => JSON.stringify(word))
    .join(", ")}]`;
  const words = kinds.size === 1 && kinds.has("network") ? `cache: { ttl: "30d" } for a time, or ${trust}` : trust;
  return `${what}: stored, and not reused until you choose. ${place}${words}. This result then counts.`;
}

function namesOf(unseen: readonly UnseenActivity[]): string {
  const names = [
    ...new Set(unseen.map(({ name, note }) => plainLine(note === undefined || note === "" ? name : note))),
  ];
  const rest = names.length - 3;
  return rest > 0 ? `${names.slice(0, 3).join(", ")} and ${rest} more` : names.join(", ");
}

function placeOf({ definedAt }: StartedNode): string {
  if (definedAt === undefined || !definedAt.url.startsWith("file:")) return "";
  return `${path.relative(process.cwd(), fileURLToPath(definedAt.url))}:${definedAt.line}  `;
}
