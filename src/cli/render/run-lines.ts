import { formatAge } from "../../cache/format-age.ts";
import type { RunEvent } from "../../runtime/run-event.ts";
import { formatDuration } from "../format/duration.ts";
import { plainLine } from "../format/plain-text.ts";
import type { Paint } from "../format/paint.ts";
import { errorLines } from "./error-lines.ts";
import { notOfferedLines } from "./not-offered.ts";
import { progressBar } from "./progress-bar.ts";
import { remarkLines } from "./remark-lines.ts";
import { resultLines } from "./result-lines.ts";
import type { RunProgress } from "./run-progress.ts";
import { formatStepRow } from "./step-row.ts";
import { acceptedMark } from "./acceptance-text.ts";
import type { StepRow } from "./step-row.ts";

const MOST_RESULTS = 20;

export interface LinesInit {
  readonly progress: RunProgress;
  readonly paint: Paint;
  readonly columns: () => number;
}

type EventOf<K extends RunEvent["kind"]> = Extract<RunEvent, { readonly kind: K }>;

/** The lines that stay: what is said when something of a run is over. */
export class RunLines {
  readonly #init: LinesInit;
  #firstFailure: string | undefined;

  constructor(init: LinesInit) {
    this.#init = init;
  }

  /** Lines for an event; none for those that only move what is being computed. */
  of(event: RunEvent): readonly string[] {
    switch (event.kind) {
      case "step-reused":
        return [this.#row(reusedRow(event))];
      case "step-computed":
        return [this.#row(this.#computedRow(event)), ...event.warnings.map((text) => this.#detail(`! ${text}`))];
      case "step-failed":
        this.#firstFailure ??= event.nodeId;
        return [this.#row(failedRow(event)), ...this.#error(event)];
      case "step-canceled":
        return [this.#row(canceledRow(event))];
      case "step-retry":
        return [this.#row(retryRow(event))];
      case "notice":
        return [this.#notice(event)];
      case "run-finished":
        return this.#finished(event);
      default:
        return [];
    }
  }

  #row(row: StepRow): string {
    const { paint, progress } = this.#init;
    return formatStepRow(row, { paint, nameWidth: progress.nameWidth, columns: this.#init.columns(), cut: false });
  }

  #computedRow({ nodeId, reason, durationMs }: EventOf<"step-computed">): StepRow {
    const progress = this.#init.progress.progressOf(nodeId);
    const bar = progress?.total === undefined ? "" : `  ${progressBar(progress)}`;
    const right = `${formatDuration(durationMs)}${bar}`;
    return { symbol: "●", style: "cyan", name: nodeId, verb: "computed", text: plainLine(reason.text), right };
  }

  #error({ error }: EventOf<"step-failed">): readonly string[] {
    return errorLines(error, this.#init.paint).map((line) => this.#detail(line));
  }

  #detail(text: string): string {
    return `      ${text}`;
  }

  #notice({ level, text, nodeId }: EventOf<"notice">): string {
    const { paint } = this.#init;
    const about = nodeId === undefined || text.includes(nodeId) ? "" : `${nodeId}: `;
    return `  ${level === "warning" ? paint("yellow", "!") : paint("dim", "·")} ${about}${plainLine(text)}`;
  }

  #finished(event: EventOf<"run-finished">): readonly string[] {
    const { runId, state, counts, durationMs } = event;
    const { paint, progress } = this.#init;
    const left = `  ${summaryOf(counts, durationMs)}`;
    const next =
      state === "FAILED" ? `warmstart logs ${runId} ${this.#firstFailure ?? ""}`.trim() : `warmstart explain ${runId}`;
    const ended = state === "COMPLETE" ? "" : ` ${state.toLowerCase()}`;
    return [
      `${paint("bold", left)}        run ${runId}${ended}   ${paint("dim", next)}`,
      ...(state === "COMPLETE" ? this.#results(event) : []),
      ...notOfferedLines(progress.notOffered, paint),
      ...remarkLines(progress.remarked, paint),
    ];
  }

  #results({ results, runId }: EventOf<"run-finished">): readonly string[] {
    const lines = resultLines(results.slice(0, MOST_RESULTS), this.#init.columns());
    const rest = results.length - MOST_RESULTS;
    return rest > 0 ? [...lines, `  … and ${rest} more: warmstart show ${runId}`] : lines;
  }
}

/** `4 steps: 2 reused, 2 computed in 33.4 s, saved 33.4 s`. */
export function summaryOf(counts: EventOf<"run-finished">["counts"], durationMs: number): string {
  const { reused, computed, failed, canceled, savedMs } = counts;
  const total = reused + computed + failed + canceled;
  const parts = [
    [reused, "reused"],
    [computed, "computed"],
    [failed, "failed"],
    [canceled, "canceled"],
  ] as const;
  const said = parts.filter(([count]) => count > 0).map(([count, verb]) => `${count} ${verb}`);
  const what = said.length === 0 ? "" : `: ${said.join(", ")}`;
  const saved = reused > 0 ? `, saved ${formatDuration(savedMs)}` : "";
  return `${total} ${total === 1 ? "step" : "steps"}${what} in ${formatDuration(durationMs)}${saved}`;
}

function reusedRow({ nodeId, origin, savedMs }: EventOf<"step-reused">): StepRow {
  const text = `from run ${origin.runId}, ${formatAge(origin.ageMs)} ago${acceptedMark(origin.accepted)}`;
  return { symbol: "✔", style: "green", name: nodeId, verb: "reused", text, right: `saved ${formatDuration(savedMs)}` };
}

function failedRow({ nodeId, reason, durationMs }: EventOf<"step-failed">): StepRow {
  const right = formatDuration(durationMs);
  return { symbol: "✖", style: "red", name: nodeId, verb: "failed", text: plainLine(reason.text), right };
}

function canceledRow({ nodeId, reason }: EventOf<"step-canceled">): StepRow {
  return { symbol: "○", style: "dim", name: nodeId, verb: "canceled", text: plainLine(reason.text), right: "" };
}

function retryRow({ nodeId, attempt, error, delayMs }: EventOf<"step-retry">): StepRow {
  const text = `attempt ${attempt} in ${formatDuration(delayMs)}: ${plainLine(error.message)}`;
  return { symbol: "↻", style: "yellow", name: nodeId, verb: "again", text, right: "" };
}
