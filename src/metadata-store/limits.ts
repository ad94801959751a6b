/** Entries that one look-up answers for a key, newest first. */
export const MAX_ENTRIES_PER_KEY = 50;

/**
 * Path sets that are kept under a weak key, most recently recorded first. Each is asked in full at every look-up, and
 * few steps read in more ways than this from the same inputs.
 */
export const MAX_PATH_SETS_PER_KEY = 32;

/** How many of a step's newest COMPLETE executions its typical duration is the mean of. */
export const TYPICAL_SAMPLES = 5;
