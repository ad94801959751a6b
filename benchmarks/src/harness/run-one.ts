// Runs one benchmark, in the process that was started for it, and sends its report to the one who started it.
import { Bench } from "./bench.ts";
import type { Benchmark } from "./bench.ts";

const [name = "", rounds] = process.argv.slice(2);
const { benchmark } = (await import(`../${name}.ts`)) as { readonly benchmark: Benchmark };
const bench = new Bench(rounds === undefined ? {} : { rounds: Number(rounds) });
await benchmark.run(bench);
process.send?.(bench.report(benchmark));
process.disconnect?.();
