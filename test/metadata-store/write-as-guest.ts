import { openSqliteMetadataStore } from "../../src/metadata-store/backends/sqlite/sqlite-metadata-store.ts";
import { runDraft } from "../../src/testing/metadata-drafts.ts";

/** Tries to write the store named on the command line without a superuser's rights, and prints the code of the refusal. */
const NOBODY = 65_534;
if (process.geteuid?.() === 0) process.seteuid?.(NOBODY);
try {
  await using store = await openSqliteMetadataStore({ file: process.argv[2] ?? "" });
  await store.createRun(runDraft());
  process.stdout.write("written");
} catch (error) {
  process.stdout.write(error instanceof Error && "code" in error ? String(error.code) : String(error));
}
