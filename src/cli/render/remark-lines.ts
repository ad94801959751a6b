import { clockNotice, stateNotices, tellingWarnings } from "../../runtime/code-notices.ts";
import type { ShownRemarks } from "../../runtime/code-notices.ts";
import type { Paint } from "../format/paint.ts";
import { plainLine } from "../format/plain-text.ts";

const MOST_PLACES = 3;
const MOST_LINES = 8;

/** A node that was computed, and what its code was found to do. */
export interface RemarkedNode {
  readonly id: string;
  readonly remarks: ShownRemarks;
}

/**
 * What a run says of the code that it ran. Clocks and random numbers only of code that was not met before, since most of it is
 * meant as it is, and whoever wants to know may ask `explain`; variables that the step does not see set each time, since its
 * result is hardly what was meant.
 */
export function remarkLines(nodes: readonly RemarkedNode[], paint: Paint): readonly string[] {
  const states = grouped(nodes, ({ state }) => stateNotices(state));
  const clocks = grouped(nodes, ({ warnings, isNew }) =>
    isNew ? [clockNotice(tellingWarnings(warnings), MOST_PLACES) ?? []].flat() : [],
  );
  return [
    ...limited(states, (text, ids) => `${paint("yellow", "!")} ${ids}: ${text}`),
    ...limited(clocks, (text, ids, several) => {
      return `${paint("dim", "·")} ${ids} ${several ? text.replace(/^reads/, "read") : text}`;
    }),
    ...(clocks.size === 0 ? [] : [`  ${paint("dim", keptAsItIs)}`]),
  ];
}

const keptAsItIs =
  "Such a result is kept as it is; ctx.random is seeded, and warmstart audit finds what differs. Said once per code.";

/** Ids by what there is to say of them: the nodes of a fan are told together. */
function grouped(
  nodes: readonly RemarkedNode[],
  textsOf: (remarks: ShownRemarks) => readonly string[],
): ReadonlyMap<string, readonly string[]> {
  const found = new Map<string, string[]>();
  for (const { id, remarks } of nodes) {
    for (const text of textsOf(remarks)) {
      const ids = found.get(text);
      if (ids === undefined) found.set(text, [id]);
      else ids.push(id);
    }
  }
  return found;
}

function limited(
  texts: ReadonlyMap<string, readonly string[]>,
  lineOf: (text: string, ids: string, several: boolean) => string,
): readonly string[] {
  const lines = [...texts]
    .slice(0, MOST_LINES)
    .map(([text, ids]) => lineOf(plainLine(text), namesOf(ids), ids.length > 1));
  const rest = texts.size - MOST_LINES;
  return rest > 0 ? [...lines, `  … and ${rest} more: warmstart explain`] : lines;
}

function namesOf(ids: readonly string[]): string {
  const rest = ids.length - MOST_PLACES;
  return rest > 0 ? `${ids.slice(0, MOST_PLACES).join(", ")} and ${rest} more` : ids.join(", ");
}
