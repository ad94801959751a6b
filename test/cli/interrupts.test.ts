import { spawn } from "node:child_process";
import type { ChildProcess } from "node:child_process";
import { once } from "node:events";
import path from "node:path";
import { afterAll, describe, expect, test } from "vitest";
import { TestProject } from "../rig/project.ts";
import { endless } from "./pipelines.ts";

const program = path.resolve(import.meta.dirname, "../../dist/cli/main.js");
const project = new TestProject({ "endless.ts": endless, "loops.ts": 'console.log("looping");\nwhile (true);\n' });

afterAll(() => project[Symbol.dispose]());

interface Started {
  readonly child: ChildProcess;
  readonly text: () => string;
  /** Resolves when the text was written. */
  sees(text: string): Promise<void>;
  ended(): Promise<{ readonly code: number | null; readonly signal: string | null }>;
}

function start(...args: readonly string[]): Started {
  const { NODE_OPTIONS: _, ...inherited } = process.env;
  const child = spawn(process.execPath, [program, ...args], {
    cwd: project.folder,
    env: { ...inherited, NO_COLOR: "1" },
    timeout: 30_000,
    killSignal: "SIGKILL",
    stdio: ["ignore", "pipe", "pipe"],
  });
  let text = "";
  const add = (chunk: Buffer): void => void (text += String(chunk));
  child.stdout.on("data", add);
  child.stderr.on("data", add);
  const closed = once(child, "close") as Promise<[number | null, string | null]>;
  return {
    child,
    text: () => text,
    async sees(wanted) {
      while (!text.includes(wanted)) {
        if (child.exitCode !== null || child.signalCode !== null) throw new Error(`it ended before: ${text}`);
        await new Promise((resolve) => setTimeout(resolve, 10));
      }
    },
    async ended() {
      const [code, signal] = await closed;
      return { code, signal };
    },
  };
}

describe("Ctrl-C", () => {
  test("ends a step that never yields, keeps what is finished, and says so", async () => {
    const run = start("run", "endless.ts");
    await run.sees("[busy] busy now");
    run.child.kill("SIGINT");
    expect(await run.ended()).toEqual({ code: 130, signal: null });
    expect(run.text()).toContain("ending …: finished steps are kept; press Ctrl-C again to quit at once\n");
    expect(run.text()).toMatch(/○ busy +canceled the run was ended/);
    expect(run.text()).toContain("1 computed, 1 canceled");
    const again = start("run", "endless.ts");
    await again.sees("[busy] busy now");
    expect(again.text()).toMatch(/✔ quick +reused/);
    again.child.kill("SIGTERM");
    expect(await again.ended()).toEqual({ code: 130, signal: null });
  });

  test("twice ends at once, and the repository is whole", async () => {
    const run = start("run", "endless.ts");
    await run.sees("[busy] busy now");
    run.child.kill("SIGINT");
    await run.sees("ending …");
    run.child.kill("SIGINT");
    expect((await run.ended()).code).toBe(130);
    const doctor = await project.cli(["doctor"]);
    expect(doctor.exitCode).toBe(0);
  });

  test("ends a module that loops while it is evaluated", async () => {
    const run = start("run", "loops.ts");
    await run.sees("looping");
    run.child.kill("SIGINT");
    expect(await run.ended()).toEqual({ code: null, signal: "SIGINT" });
  });
});
