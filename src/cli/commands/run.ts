import type { Repository } from "../../repository/repository.ts";
import type { RunEvent } from "../../runtime/run-event.ts";
import { systemClock } from "../../util/clock.ts";
import { catchInterrupts } from "../interrupts.ts";
import type { Interrupts } from "../interrupts.ts";
import type { CommandCall } from "../command-spec.ts";
import { EXIT_CODES, exitCodeOf } from "../exit-codes.ts";
import { writeDocument } from "../json-document.ts";
import { openRepository } from "../open-repository.ts";
import { RunDocumentBuilder } from "../run-document.ts";
import { openRunView } from "../render/open-run-view.ts";
import type { RunView } from "../render/run-view.ts";
import { errorDocument, reportError } from "../report-error.ts";
import { selectPipeline } from "../select-pipeline.ts";
import type { SelectedPipeline } from "../select-pipeline.ts";
import { writeLogs } from "../write-logs.ts";

/** `warmstart run [FILE]`. */
export async function run(call: CommandCall): Promise<number> {
  const parallel = call.parsed.count("parallel");
  const selected = await selectPipeline(call);
  await using repository = await openRepository(call);
  process.chdir(repository.projectRoot);
  const view = await openRunView(call);
  if (repository.created) view.line(`Made the repository ${repository.folder}`);
  using interrupts = catchInterrupts((line) => view.line(line));
  return await new RunCommand({ call, selected, repository, view, interrupts, parallel }).run();
}

interface RunCommandInit {
  readonly call: CommandCall;
  readonly selected: SelectedPipeline;
  readonly repository: Repository;
  readonly view: RunView;
  readonly interrupts: Interrupts;
  readonly parallel: number | undefined;
}

class RunCommand {
  readonly #init: RunCommandInit;
  readonly #document: RunDocumentBuilder;

  constructor(init: RunCommandInit) {
    this.#init = init;
    this.#document = new RunDocumentBuilder(systemClock);
  }

  async run(): Promise<number> {
    const error = await this.#runPipeline();
    this.#init.view.end();
    const { call, repository } = this.#init;
    const { runId } = this.#document;
    if (call.parsed.flag("logs") && !call.parsed.flag("json") && runId !== undefined)
      await writeLogs(repository, runId, (execution) => execution.state === "CACHED", call.terminal);
    this.#conclude(error);
    return error === undefined ? EXIT_CODES.ok : exitCodeOf(error);
  }

  /** The error that ended the run, if one did. */
  async #runPipeline(): Promise<unknown> {
    const { selected, repository, interrupts, parallel, call } = this.#init;
    try {
      await repository.run(selected.pipeline, selected.params, {
        ...selected.options,
        ...(parallel === undefined ? {} : { parallel }),
        onFailure: call.parsed.flag("continue") ? "continue" : "fail-fast",
        signal: interrupts.signal,
        observer: (event) => this.#observe(event),
      });
      return undefined;
    } catch (error) {
      return error ?? new Error("the run ended for no known reason");
    }
  }

  #observe(event: RunEvent): void {
    this.#document.observe(event);
    this.#init.view.observe(event);
  }

  /** A failed step was shown when it failed; every other error is said now. */
  #conclude(error: unknown): void {
    const { call, repository, selected } = this.#init;
    const { terminal } = call;
    if (call.parsed.flag("json")) {
      const made = { repository: repository.folder, pipeline: selected.pipeline.name };
      const failed = error === undefined ? {} : { error: errorDocument(error) };
      writeDocument(terminal, "run", { ...made, ...this.#document.document(), ...failed });
    }
    const code = error === undefined ? EXIT_CODES.ok : exitCodeOf(error);
    const told = !call.parsed.flag("json") && this.#document.finished;
    const shown = told && (code === EXIT_CODES.stepFailed || code === EXIT_CODES.interrupted);
    if (error !== undefined && !shown) reportError(error, terminal);
  }
}
