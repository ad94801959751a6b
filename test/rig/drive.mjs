// Runs one pipeline of a temporary project and prints what happened as lines of JSON. Kept free of types, so that it
// runs in a project as any script would.
import { pathToFileURL } from "node:url";
import { Repository } from "warmstart";

const { file, exported, params, options, open, plan } = JSON.parse(process.argv[2]);
const say = (line) => process.stdout.write(`${JSON.stringify(line)}\n`);
const module = await import(pathToFileURL(file).href);

try {
  await using repository = await Repository.open(open);
  if (plan) say({ plan: await repository.plan(module[exported], params, options) });
  else {
    const observer = (event) => say({ event });
    const run = await repository.run(module[exported], params, { ...options, observer });
    for (const [name, output] of Object.entries(run.outputs))
      if (typeof output.load === "function") say({ output: name, digest: output.digest, value: await output.load() });
  }
} catch (error) {
  say({
    error: { name: error.name, code: error.code, message: error.message, hint: error.hint, details: error.details },
  });
}
