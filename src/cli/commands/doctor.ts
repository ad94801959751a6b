import { EXIT_CODES } from "../exit-codes.ts";
import type { CommandCall } from "../command-spec.ts";
import { writeDocument } from "../json-document.ts";
import { checkEverything } from "../doctor-checks.ts";
import type { Check } from "../doctor-checks.ts";
import type { Terminal } from "../terminal.ts";

/** `warmstart doctor`: its document is `{ ok, checks: [{ name, ok, text, hint? }] }`. Exit code 1 when something is wrong. */
export async function doctor(call: CommandCall): Promise<number> {
  const { parsed, terminal } = call;
  const checks = await checkEverything(call);
  const ok = checks.every((check) => check.ok);
  if (parsed.flag("json")) writeDocument(terminal, "doctor", { ok, checks });
  else writeChecks(checks, terminal);
  return ok ? EXIT_CODES.ok : EXIT_CODES.stepFailed;
}

function writeChecks(checks: readonly Check[], { out, paint }: Terminal): void {
  const width = Math.max(...checks.map(({ name }) => name.length));
  for (const { name, ok, text, hint } of checks) {
    out(`  ${ok ? paint("green", "✔") : paint("red", "✖")} ${name.padEnd(width)}  ${text}`);
    if (hint !== undefined) out(`    ${" ".repeat(width)}  ${hint}`);
  }
}
