import type { FactDifference, NodeDiff, OutputDiff, RunDiff } from "../../repository/run-diff.ts";
import { formatDuration } from "../format/duration.ts";
import type { Paint } from "../format/paint.ts";
import { plainLine } from "../format/plain-text.ts";
import type { Terminal } from "../terminal.ts";
import { differenceLines } from "./difference-lines.ts";
import { formatStepRow, nameWidthOf } from "./step-row.ts";
import type { RowLayout, StepRow } from "./step-row.ts";

const MOST_NAMES = 12;
/** What the output of a step is called that has one. */
const ONLY_OUTPUT = "output";

/** Two runs for people: what they were given, every node that is not the same, and the names of those that are. */
export function runDiffLines({ before, after, facts, nodes }: RunDiff, terminal: Terminal): readonly string[] {
  const { paint, columns } = terminal;
  const differing = nodes.filter(({ kind }) => kind !== "same");
  const layout = { nameWidth: nameWidthOf(differing.map(({ node }) => node)), columns: columns(), cut: false, paint };
  const pipelines = before.pipeline === after.pipeline ? after.pipeline : `${before.pipeline} → ${after.pipeline}`;
  return [
    paint("bold", `run ${before.id} → run ${after.id}  ${pipelines}`),
    ...facts.map((fact) => `  ${factText(fact)}`),
    ...differing.flatMap((node) => nodeLines(node, layout)),
    ...sameLines(nodes),
  ];
}

function factText({ name, before, after }: FactDifference): string {
  return plainLine(`${name}: ${changeText(before, after)}`);
}

const looks = {
  same: { symbol: "=", style: "dim", verb: "same" },
  changed: { symbol: "~", style: "cyan", verb: "changed" },
  added: { symbol: "+", style: "green", verb: "new" },
  removed: { symbol: "-", style: "red", verb: "gone" },
} as const;

function nodeLines(node: NodeDiff, layout: RowLayout): readonly string[] {
  return [formatStepRow(rowOf(node), layout), ...detailsOf(node, layout.paint).map((line) => `      ${line}`)];
}

function rowOf({ node, kind, before, after, times }: NodeDiff): StepRow {
  const states = before === undefined || after === undefined ? "" : statesText(before.state, after.state);
  const shown = [times.before, times.after].map((time) => (time === undefined ? undefined : formatDuration(time)));
  return { ...looks[kind], name: node, text: states, right: changeText(shown[0], shown[1]) };
}

function statesText(before: string, after: string): string {
  const words: Readonly<Record<string, string>> = { COMPLETE: "computed", CACHED: "reused" };
  const [old, now] = [before, after].map((state) => words[state] ?? state.toLowerCase());
  return old === now ? `${now} in both` : `${old} → ${now}`;
}

function detailsOf({ differences, outputs, metrics, kind }: NodeDiff, paint: Paint): readonly string[] {
  if (kind !== "changed") return [];
  return [
    ...differenceLines(differences, paint),
    ...outputs.map(outputText),
    ...metrics.map(
      ({ name, before, after }) => `metric ${plainLine(name)}: ${changeText(textOf(before), textOf(after))}`,
    ),
  ];
}

function outputText({ name, same, before, after }: OutputDiff): string {
  const title = name === ONLY_OUTPUT ? "output" : `output ${name}`;
  if (same) return plainLine(`${title}: the same content`);
  const shown = changeText(before?.shown, after?.shown);
  const what = before === undefined ? "is new" : after === undefined ? "is gone" : "other content";
  return plainLine(`${title}: ${what}${shown === "" || before?.shown === after?.shown ? "" : `, ${shown}`}`);
}

function sameLines(nodes: readonly NodeDiff[]): readonly string[] {
  const same = nodes.filter(({ kind }) => kind === "same").map(({ node }) => node);
  if (same.length === 0) return [];
  const rest = same.length > MOST_NAMES ? `, and ${same.length - MOST_NAMES} more` : "";
  return [`  = the same: ${same.slice(0, MOST_NAMES).join(", ")}${rest}`];
}

function textOf(value: number | undefined): string | undefined {
  return value === undefined ? undefined : String(value);
}

function changeText(before: string | undefined, after: string | undefined): string {
  if (before === undefined) return after === undefined ? "" : `${after} is new`;
  if (after === undefined) return `${before} is gone`;
  return before === after ? after : `${before} → ${after}`;
}
