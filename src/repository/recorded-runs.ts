import type { ExecutionQuery, MetadataStore } from "../metadata-store/metadata-store.ts";
import type { ExecutionRecord } from "../model/execution.ts";
import type { RunRecord } from "../model/run.ts";

const PAGE = 1000;

/** The newest run of a pipeline. */
export async function latestRun(pipeline: string, metadata: MetadataStore): Promise<RunRecord | undefined> {
  const { items } = await metadata.runs({ pipeline, limit: 1 });
  return items[0];
}

/** Every execution that a query finds, the newest first. */
export async function allExecutions(
  query: Omit<ExecutionQuery, "limit" | "after">,
  metadata: MetadataStore,
): Promise<readonly ExecutionRecord[]> {
  const found: ExecutionRecord[] = [];
  let after: number | undefined;
  do {
    const page = await metadata.executions({ ...query, limit: PAGE, ...(after === undefined ? {} : { after }) });
    found.push(...page.items);
    after = page.next;
  } while (after !== undefined);
  return found;
}
