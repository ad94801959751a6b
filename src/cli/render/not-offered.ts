import type { UnseenActivity, UnseenKind } from "../../model/reads.ts";
import type { StartedNode } from "../../runtime/run-event.ts";
import type { Paint } from "../format/paint.ts";
import { plainLine } from "../format/plain-text.ts";
import { padText, textWidth } from "../format/text-width.ts";
import { choicesFor } from "./choices.ts";
import type { Choice } from "./choices.ts";

const MOST_NAMES = 3;

const deeds: Readonly<Record<UnseenKind, (names: string) => string>> = {
  network: (names) => `called ${names}, which cannot be seen to change`,
  native: (names) => `uses native code (${names}), whose reads cannot be seen`,
  child: (names) => `started a program (${names}), whose reads cannot be seen`,
  thread: (names) => `started a thread (${names}), whose reads cannot be seen`,
  environment: (names) => `read all environment variables (${names})`,
  code: (names) => `runs code that cannot be identified (${names})`,
  "in-process": () => "ran inside the program's own process, where its reads cannot be told from others'",
};

/** A result that is stored and not offered: why, whose it is, and what it did out of sight. */
export interface NotOfferedResult {
  readonly text: string;
  readonly unseen: readonly UnseenActivity[];
  readonly node: StartedNode;
}

/** What was stored and is not offered, one paragraph per reason, each choice that would change it on a line of its own. */
export function notOfferedLines(all: readonly NotOfferedResult[], paint: Paint): readonly string[] {
  const paragraphs = new Map<string, { readonly ids: string[]; readonly one: NotOfferedResult }>();
  for (const one of all) {
    const key = JSON.stringify([whatOf(one), choicesOf(one)]);
    const known = paragraphs.get(key);
    if (known === undefined) paragraphs.set(key, { ids: [one.node.id], one });
    else known.ids.push(one.node.id);
  }
  return [...paragraphs.values()].flatMap(({ ids, one }) => [
    `${paint("yellow", "!")} ${ids.join(", ")} ${whatOf(one)}`,
    ...choiceLines(choicesOf(one)),
  ]);
}

function choicesOf({ unseen, node }: NotOfferedResult): readonly Choice[] {
  return choicesFor(unseen, node.definedAt);
}

function whatOf({ text, unseen }: NotOfferedResult): string {
  if (unseen.length === 0) return `will not be reused: ${plainLine(text).replace(/\.$/, "")}.`;
  const kinds = Map.groupBy(unseen, ({ kind }) => kind);
  const what = [...kinds].map(([kind, some]) => deeds[kind](namesOf(some))).join(", and ");
  return `${what}: stored, and not reused until you choose`;
}

function choiceLines(choices: readonly Choice[]): readonly string[] {
  if (choices.length === 0) return [];
  const place = Math.max(...choices.map(({ at }) => textWidth(plainLine(at))));
  const setting = Math.max(...choices.map((choice) => textWidth(plainLine(choice.setting))));
  const lines = choices.map((choice) => {
    const at = place === 0 ? "" : `${padText(plainLine(choice.at), place)}   `;
    return `      ${at}${padText(plainLine(choice.setting), setting)}   ${choice.lasts}`;
  });
  return [...lines, "    This result then counts."];
}

function namesOf(unseen: readonly UnseenActivity[]): string {
  const names = [
    ...new Set(unseen.map(({ name, note }) => plainLine(note === undefined || note === "" ? name : note))),
  ];
  const rest = names.length - MOST_NAMES;
  return rest > 0 ? `${names.slice(0, MOST_NAMES).join(", ")} and ${rest} more` : names.join(", ");
}
