import type { RunEvent } from "../../runtime/run-event.ts";
import type { Clock } from "../../util/clock.ts";
import type { Terminal } from "../terminal.ts";

/** Shows a run to whoever watches. */
export interface RunView {
  observe(event: RunEvent): void;
  /** A line that is no event: an interrupt, a repository that was made. */
  line(text: string): void;
  /** Nothing is shown after it; also for a run that broke off. */
  end(): void;
}

export interface RunViewInit {
  readonly terminal: Terminal;
  readonly clock: Clock;
  /** Hides what steps write. */
  readonly quiet: boolean;
}
