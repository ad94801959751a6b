import type { RunEvent } from "../../runtime/run-event.ts";
import { formatDuration } from "../format/duration.ts";
import { plainLine } from "../format/plain-text.ts";
import { cutText } from "../format/text-width.ts";
import type { LiveRegion } from "./live-region.ts";
import { isEnd } from "./plain-view.ts";
import { progressBar } from "./progress-bar.ts";
import { RunLines } from "./run-lines.ts";
import { RunProgress } from "./run-progress.ts";
import type { RunningStep } from "./run-progress.ts";
import type { RunView, RunViewInit } from "./run-view.ts";
import { StepOutput } from "./step-output.ts";
import { formatStepRow } from "./step-row.ts";

const REDRAW_MS = 1000 / 15;
const TICK_MS = 250;
const MOST_RUNNING = 10;
const SPINNER = ["⠋", "⠙", "⠸", "⠴", "⠦", "⠇"] as const;

export interface LiveViewInit extends RunViewInit {
  openRegion(): Promise<LiveRegion>;
}

/** For a person at a terminal: what is over stays as lines, and below them the steps that compute now are redrawn. */
export class LiveView implements RunView {
  readonly #init: LiveViewInit;
  readonly #progress: RunProgress;
  readonly #lines: RunLines;
  readonly #output: StepOutput;
  #region: LiveRegion | undefined;
  #opening = false;
  #ended = false;
  /** Lines above the region that wait for the next redraw. */
  #above: string[] = [];
  #timer: NodeJS.Timeout | undefined;
  #due = false;
  #lastDrawn = 0;
  #frame = 0;

  constructor(init: LiveViewInit) {
    const { terminal, clock } = init;
    this.#init = init;
    this.#progress = new RunProgress(clock);
    this.#lines = new RunLines({ progress: this.#progress, paint: terminal.paint, columns: terminal.columns });
    this.#output = new StepOutput(terminal.paint);
  }

  observe(event: RunEvent): void {
    this.#progress.observe(event);
    if (event.kind === "step-output" && !this.#init.quiet)
      this.#above.push(...this.#output.write(event.nodeId, event.stream, event.text));
    if ("nodeId" in event && isEnd(event) && event.nodeId !== undefined)
      this.#above.push(...this.#output.end(event.nodeId));
    this.#above.push(...this.#lines.of(event));
    if (event.kind === "step-started") this.#open();
    if (event.kind === "run-finished") this.end();
    else this.#schedule();
  }

  line(text: string): void {
    this.#above.push(text);
    this.#schedule();
  }

  end(): void {
    if (this.#ended) return this.#writeAbove();
    this.#ended = true;
    clearTimeout(this.#timer);
    this.#region?.end();
    this.#region = undefined;
    this.#writeAbove();
  }

  #open(): void {
    if (this.#opening) return;
    this.#opening = true;
    this.#init.openRegion().then(
      (region) => {
        if (this.#ended) return region.end();
        this.#region = region;
        this.#draw();
      },
      // Without a region the lines that stay are still printed.
      () => this.#schedule(),
    );
  }

  #schedule(): void {
    if (this.#ended) return this.#writeAbove();
    // A draw that is due is never put off, however fast events come.
    if (this.#due || (this.#above.length === 0 && this.#timer !== undefined)) return;
    this.#due = true;
    clearTimeout(this.#timer);
    const wait = Math.max(0, this.#lastDrawn + REDRAW_MS - this.#init.clock.monotonic());
    this.#timer = setTimeout(() => this.#draw(), wait);
    this.#timer.unref();
  }

  #draw(): void {
    clearTimeout(this.#timer);
    this.#due = false;
    this.#lastDrawn = this.#init.clock.monotonic();
    if (this.#above.length > 0) {
      this.#region?.clear();
      this.#writeAbove();
    }
    if (this.#region !== undefined) this.#region.draw(this.#regionLines());
    this.#timer = setTimeout(() => this.#draw(), TICK_MS);
    this.#timer.unref();
  }

  #writeAbove(): void {
    const lines = this.#above;
    this.#above = [];
    if (lines.length > 0) this.#init.terminal.out(lines.join("\n"));
  }

  #regionLines(): readonly string[] {
    const { running, settled, total, elapsedMs } = this.#progress;
    const shown = running.slice(0, MOST_RUNNING).map((step) => this.#runningLine(step));
    const more = running.length > shown.length ? `, ${running.length} computing` : "";
    const { columns, paint } = this.#init.terminal;
    const summary = `  ${settled} of ${total} steps${more}, ${formatDuration(elapsedMs)}`;
    this.#frame++;
    return [...shown, paint("dim", cutText(summary, columns() - 1))];
  }

  #runningLine({ nodeId, reason, since, progress }: RunningStep): string {
    const { clock, terminal } = this.#init;
    const time = formatDuration(clock.monotonic() - since);
    const right = progress === undefined ? time : `${time}  ${progressBar(progress)}`;
    const symbol = SPINNER[this.#frame % SPINNER.length] ?? "◌";
    const row = { symbol, style: "cyan", name: nodeId, verb: "running", text: plainLine(reason), right } as const;
    const { nameWidth } = this.#progress;
    return formatStepRow(row, { nameWidth, columns: terminal.columns() - 1, cut: true, paint: terminal.paint });
  }
}
