/** Entries that one look-up answers for a key, newest first. */
export const MAX_ENTRIES_PER_KEY = 50;

/** Path sets that one look-up answers for a key, most recent first. */
export const MAX_PATH_SETS_PER_KEY = 100;

/** How many of a step's newest COMPLETE executions its typical duration is the mean of. */
export const TYPICAL_SAMPLES = 5;
