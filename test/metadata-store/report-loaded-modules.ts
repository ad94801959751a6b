import { registerHooks } from "node:module";

/** Opens and closes the store named on the command line, and prints the URL of every module that this loaded. */
const loaded: string[] = [];
registerHooks({
  load(url, context, next) {
    loaded.push(url);
    return next(url, context);
  },
});
const { openSqliteMetadataStore } = await import("../../src/metadata-store/backends/sqlite/sqlite-metadata-store.ts");
await (await openSqliteMetadataStore({ file: process.argv[2] ?? "" }))[Symbol.asyncDispose]();
process.stdout.write(loaded.join("\n"));
