import { mkdtempSync, realpathSync, rmSync, statSync, utimesSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { pathToFileURL } from "node:url";
import { afterAll, expect, test } from "vitest";
import { openArtifactStore } from "../../src/artifact-store/open-artifact-store.ts";
import { createFileDigests } from "../../src/code-identity/module-stamps.ts";
import { digestOf } from "../../src/encoding/digest.ts";
import { WorkerThreadExecutor } from "../../src/executor/backends/worker-thread/worker-thread-executor.ts";
import type { StepTask } from "../../src/executor/executor.ts";
import { KnownFiles } from "../../src/observation/known-files.ts";
import { executorTask } from "../../src/testing/executor-task.ts";
import { ownModule } from "../../src/util/own-code.ts";

const root = realpathSync(mkdtempSync(path.join(tmpdir(), "warmstart-known-")));
afterAll(() => rmSync(root, { recursive: true, force: true }));

const SIZE = 50 << 20;
const big = path.join(root, "big.bin");
const file = path.join(root, "steps.mjs");
writeFileSync(
  file,
  `import { createReadStream } from "node:fs"; import { step } from ${JSON.stringify(ownModule("index").href)};
async function read() { let size = 0; for await (const chunk of createReadStream(${JSON.stringify(big)})) size += chunk.length; return size; }
step("one", () => read());
step("two", async () => (await read()) + 1);
`,
);
const store = await openArtifactStore({ kind: "local", folder: path.join(root, "store"), durability: "process-crash" });

function taskOf(name: "one" | "two"): StepTask {
  const { href: url } = pathToFileURL(file);
  const step = { name, definedAt: { url, line: name === "one" ? 3 : 4, column: 1 }, occurrence: 0 };
  return executorTask({ root, url, step, artifacts: store.location });
}

/** What the step was seen to read of the big file, and how many large files its thread hashed for that. */
async function execute(executor: WorkerThreadExecutor, name: "one" | "two"): Promise<readonly unknown[]> {
  const result = await executor.execute(taskOf(name), {
    signal: new AbortController().signal,
    onSignal: () => undefined,
  });
  if (result.kind !== "done") throw new Error(JSON.stringify(result));
  const read = result.reads.find((record) => record.name.endsWith("big.bin"));
  return [read?.digest, result.knownFiles?.length ?? 0];
}

test("a big file that another step's thread has hashed is not hashed again, until it changes", async () => {
  const fill = async (value: number): Promise<string> => {
    const bytes = Buffer.alloc(SIZE, value);
    writeFileSync(big, bytes);
    // Its stamp counts from two seconds after the last change.
    await sleep(2200);
    return digestOf(bytes);
  };
  const before = await fill(1);
  const hashed: string[] = [];
  const digests = createFileDigests();
  const files = new KnownFiles({
    digests: {
      stampOf: (asked) => digests.stampOf(asked),
      digestOfFile: async (asked) => {
        hashed.push(asked);
        return digests.digestOfFile(asked);
      },
    },
  });
  await using executor = new WorkerThreadExecutor({ files });
  expect(await execute(executor, "one")).toEqual([before, 1]);
  expect(await execute(executor, "two")).toEqual([before, 0]);
  // Nor by the look-up that comes next.
  expect((await files.digestOfFile(big))?.digest).toBe(before);
  expect(hashed).toEqual([]);
  const { atime, mtime } = statSync(big);
  const after = await fill(2);
  utimesSync(big, atime, mtime);
  await sleep(2200);
  expect(await execute(executor, "one")).toEqual([after, 1]);
  expect(await execute(executor, "two")).toEqual([after, 0]);
}, 60_000);
