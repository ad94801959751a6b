/** MLMD's states of an execution: one step of one run. */
export type ExecutionState = "NEW" | "RUNNING" | "COMPLETE" | "FAILED" | "CACHED" | "CANCELED";

/** MLMD's states of an artifact. */
export type ArtifactState = "PENDING" | "LIVE" | "MARKED_FOR_DELETION" | "DELETED";

export type RunState = "RUNNING" | "COMPLETE" | "FAILED" | "CANCELED";
