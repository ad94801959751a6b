import { spawn } from "node:child_process";
import { once } from "node:events";

/** Runs a Node program to its end; milliseconds from before it is spawned until it has exited. */
export async function timeProgram(args: readonly string[], cwd: string): Promise<number> {
  const began = performance.now();
  await runProgram(args, cwd);
  return performance.now() - began;
}

/** Runs a Node program; what it wrote to stdout. */
export async function runProgram(args: readonly string[], cwd: string): Promise<string> {
  const child = spawn(process.execPath, ["--no-warnings", ...args], { cwd, stdio: ["ignore", "pipe", "inherit"] });
  const chunks: Buffer[] = [];
  child.stdout.on("data", (chunk: Buffer) => chunks.push(chunk));
  const [code] = (await once(child, "close")) as [number | null];
  if (code !== 0) throw new Error(`node ${args.join(" ")} ended with exit code ${code}`);
  return Buffer.concat(chunks).toString();
}

/** A program that opens the repository of its folder, runs a pipeline, and prints the milliseconds that the run took. */
export function runningProgram(init: {
  readonly module: string;
  readonly pipeline: string;
  readonly params: readonly object[];
  readonly config: object;
}): string {
  return `import { Repository } from "warmstart";
import { ${init.pipeline} as pipeline } from "./${init.module}";
await using repository = await Repository.open({ config: ${JSON.stringify(init.config)} });
const began = performance.now();
let computed = 0;
for (const params of ${JSON.stringify(init.params)}) computed += (await repository.run(pipeline as never, params as never)).counts.computed;
const ms = performance.now() - began;
process.stdout.write(JSON.stringify({ ms, computed }));
`;
}

/** What a program of `runningProgram` printed. */
export interface RunningResult {
  readonly ms: number;
  readonly computed: number;
}

/** Runs a program of `runningProgram`. */
export async function runRunningProgram(file: string, cwd: string): Promise<RunningResult> {
  return JSON.parse(await runProgram([file], cwd)) as RunningResult;
}
