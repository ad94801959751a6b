/** What a repository's configuration says about variables, beyond what goes without saying; `*` stands for any text. */
export interface VariableRules {
  /** Names that count for nothing when they are read. */
  readonly ignore?: readonly string[];
  /** Names that count although they look like credentials or settings of a terminal. Stronger than `ignore`. */
  readonly count?: readonly string[];
}

const credentials: readonly RegExp[] = [
  /_API_KEY$/,
  /_TOKEN$/,
  /SECRET/,
  /PASSWORD/,
  /^AWS_(?:ACCESS_KEY_ID|SECRET_ACCESS_KEY|SESSION_TOKEN|PROFILE|WEB_IDENTITY_TOKEN_FILE|ROLE_ARN|ROLE_SESSION_NAME)$/,
];

/** Settings of terminals and of Node itself, which are read without meaning the result. */
const surroundings: readonly RegExp[] = [
  /^(?:NO_COLOR|FORCE_COLOR|NODE_DISABLE_COLORS|CLICOLOR|CLICOLOR_FORCE|COLORTERM|TERM|TERM_PROGRAM|COLUMNS|LINES)$/,
  /^NODE_(?:V8_COVERAGE|DEBUG|DEBUG_NATIVE|OPTIONS|CHANNEL_FD|UNIQUE_ID|COMPILE_CACHE|NO_WARNINGS|PENDING_DEPRECATION)$/,
  /^(?:WATCH_REPORT_DEPENDENCIES|JEST_WORKER_ID|UNDICI_NO_FG|UNDICI_NO_WASM_SIMD|TMPDIR|TMP|TEMP)$/,
];

/** Of names that were read and not counted those that say something: no settings of the terminal or of Node. */
export function tellingNames(ignored: readonly string[]): readonly string[] {
  return ignored.filter((name) => !surroundings.some((form) => form.test(name)));
}

/**
 * Tells whether a variable counts for nothing when it is read.
 *
 * @example ignoredBy({ ignore: ["CI_*"], count: ["MODEL_TOKEN"] })("CI_JOB_ID") // true
 */
export function ignoredBy({ ignore = [], count = [] }: VariableRules): (name: string) => boolean {
  const ignored = [...credentials, ...surroundings, ...ignore.map(formOf)];
  const counted = count.map(formOf);
  return (name) => !counted.some((form) => form.test(name)) && ignored.some((form) => form.test(name));
}

function formOf(pattern: string): RegExp {
  const parts = pattern.split("*").map((part) => part.replaceAll(/[.+?^${}()|[\]\\]/g, "\\$&"));
  return new RegExp(`^${parts.join(".*")}$`, "s");
}
