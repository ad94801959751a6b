import { WarmstartError } from "../errors.ts";

/** What the process ends with. Scripts rely on these numbers: they are never given another meaning. */
export const EXIT_CODES = {
  ok: 0,
  stepFailed: 1,
  usage: 2,
  repository: 3,
  wouldCompute: 4,
  interrupted: 130,
} as const;

/** For `--help`. */
export const EXIT_CODE_MEANINGS: readonly (readonly [number, string])[] = [
  [EXIT_CODES.ok, "everything that was asked for was done"],
  [
    EXIT_CODES.stepFailed,
    "a step failed, `doctor` found something wrong, `audit` a difference, or `accept` adopted nothing",
  ],
  [EXIT_CODES.usage, "the command line, the configuration or the pipeline file is not valid"],
  [EXIT_CODES.repository, "the repository or one of its stores cannot be used"],
  [EXIT_CODES.wouldCompute, "--from or --only, and something before those steps would have to be computed"],
  [EXIT_CODES.interrupted, "ended by Ctrl-C or a signal"],
];

const byCode: Readonly<Record<string, number>> = {
  WS_STEP_FAILED: EXIT_CODES.stepFailed,
  WS_STEP_TIMEOUT: EXIT_CODES.stepFailed,
  WS_STRICT: EXIT_CODES.stepFailed,
  WS_EXECUTOR: EXIT_CODES.stepFailed,
  WS_NOT_COMPUTED: EXIT_CODES.stepFailed,
  WS_ABORTED: EXIT_CODES.interrupted,
  WS_WOULD_COMPUTE: EXIT_CODES.wouldCompute,
  WS_REPOSITORY_FOREIGN: EXIT_CODES.repository,
  WS_REPOSITORY_UNUSABLE: EXIT_CODES.repository,
  WS_REPOSITORY_GONE: EXIT_CODES.repository,
  WS_FORMAT_NEWER: EXIT_CODES.repository,
  WS_READ_ONLY: EXIT_CODES.repository,
  WS_NO_SPACE: EXIT_CODES.repository,
  WS_METADATA_BUSY: EXIT_CODES.repository,
  WS_METADATA_STORE: EXIT_CODES.repository,
  WS_ARTIFACT_STORE: EXIT_CODES.repository,
  WS_ARTIFACT_MISSING: EXIT_CODES.repository,
  WS_ARTIFACT_DAMAGED: EXIT_CODES.repository,
};

/** The exit code of an error that ended a command. What is no error of ours is the user's code or a fault: a failure. */
export function exitCodeOf(error: unknown): number {
  if (!(error instanceof WarmstartError)) return EXIT_CODES.stepFailed;
  return byCode[error.code] ?? EXIT_CODES.usage;
}
