import { PipelineError } from "../errors.ts";
import type { MetadataStore } from "../metadata-store/metadata-store.ts";
import type { RunId } from "../model/ids.ts";
import { nearestName } from "../util/nearest-name.ts";
import type { UndoReport } from "./acceptance-report.ts";
import type { OpenRepository } from "./open-repository.ts";
import { allExecutions } from "./recorded-runs.ts";

/** Takes the results of a step's newest acceptance that is in force out of every later look-up: those and no others. */
export async function undoAcceptance({ stack: { metadata } }: OpenRepository, step: string): Promise<UndoReport> {
  await requireStep(step, metadata);
  let after: number | undefined;
  do {
    const page = await metadata.runs({ pipeline: acceptanceName(step), ...(after === undefined ? {} : { after }) });
    for (const { id } of page.items) {
      const retired = await retireAdopted(id, metadata);
      if (retired > 0) return { step, run: id, retired };
    }
    after = page.next;
  } while (after !== undefined);
  return { step, retired: 0 };
}

async function retireAdopted(runId: RunId, metadata: MetadataStore): Promise<number> {
  const executions = await allExecutions({ runId }, metadata);
  return metadata.retire(
    executions.flatMap(({ id, state, accepted }) => (state === "COMPLETE" && accepted !== undefined ? [id] : [])),
  );
}

/** The run that records an acceptance bears this in place of a pipeline's name. */
export function acceptanceName(step: string): string {
  return `accept ${step}`;
}

/** @throws PipelineError (`WS_UNKNOWN_STEP`) for a step that never ran here. */
export async function requireStep(step: string, metadata: MetadataStore): Promise<void> {
  const known = await metadata.stepNames();
  if (known.includes(step)) return;
  const nearest = nearestName(step, known);
  throw new PipelineError("WS_UNKNOWN_STEP", {
    message: `No step \`${step}\` was ever run here.`,
    hint:
      nearest === undefined ? `Steps that ran here: ${known.slice(0, 20).join(", ")}.` : `Did you mean \`${nearest}\`?`,
  });
}
