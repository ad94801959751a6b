import { describe, expect, test } from "vitest";
import { LiveView } from "../../src/cli/render/live-view.ts";
import type { LiveRegion } from "../../src/cli/render/live-region.ts";
import { plainView } from "../../src/cli/render/plain-view.ts";
import { textWidth } from "../../src/cli/format/text-width.ts";
import type { RunEvent } from "../../src/runtime/run-event.ts";
import { recordingTerminal } from "./recording-terminal.ts";
import { sampleRun } from "./sample-run.ts";

const clock = { now: () => 0, monotonic: () => performance.now() };

describe("plain view", () => {
  test("prints the design's sample, line by line", () => {
    const { terminal, out } = recordingTerminal();
    const view = plainView({ terminal, clock, quiet: false });
    for (const event of sampleRun) view.observe(event);
    expect(out()).toMatchInlineSnapshot(`
      "  ✔ load        reused   from run 14, 2 h ago            saved 21.4 s
        ✔ split       reused   from run 14, 2 h ago            saved 12.0 s
        ◌ train       running  rounds: 100 → 200
      [train] round 1
      [train] round 2
      [train] last words
        ● train       computed rounds: 100 → 200               31.2 s  ████████████ 200/200
        ◌ notes       running  its input \`model\` changed
        ● notes       computed its input \`model\` changed       2.1 s
        4 steps: 2 reused, 2 computed in 33.4 s, saved 33.4 s        run 15   warmstart explain 15
        model   late-model@7   Model   1.2 MB
        report  { auc: 0.69, … }
        page    <HTML, 12.0 KB>
      ! notes called api.openai.com, which cannot be seen to change: stored, and not reused until you choose
            flights.ts:9   cache: { ttl: "30d" }               for a time
            flights.ts:9   trust: ["network:api.openai.com"]   always
          This result then counts.
      "
    `);
  });

  test("hides what steps write when it is quiet", () => {
    const { terminal, out } = recordingTerminal();
    const view = plainView({ terminal, clock, quiet: true });
    for (const event of sampleRun) view.observe(event);
    expect(out()).not.toContain("round 1");
  });

  test("says why a step failed, by the frames of people's own files alone, and where to read on", () => {
    const { terminal, out } = recordingTerminal();
    const view = plainView({ terminal, clock, quiet: false });
    for (const event of failedRun) view.observe(event);
    expect(out()).toMatchInlineSnapshot(`
      "  ✔ load        reused   from run 14, 2 h ago            saved 21.4 s
        ✔ split       reused   from run 14, 2 h ago            saved 12.0 s
        ◌ train       running  rounds: 100 → 200
        ↻ train       again    attempt 2 in 1.0 s: busy
        ✖ train       failed   rounds: 100 → 200               900 ms
            RangeError: too many
            rounds
            at trainModel (/home/me/flights.ts:12:3)
        ○ notes       canceled train failed
        4 steps: 2 reused, 1 failed, 1 canceled in 1.0 s, saved 33.4 s        run 15 failed   warmstart logs 15 train
      "
    `);
  });

  test("shows progress at most every ten seconds", () => {
    const { terminal, out } = recordingTerminal();
    let at = 0;
    const view = plainView({ terminal, clock: { now: () => at, monotonic: () => at }, quiet: false });
    for (const event of sampleRun.slice(0, 4)) view.observe(event);
    for (let second = 1; second <= 25; second++) {
      at = second * 1000;
      view.observe({ kind: "step-progress", nodeId: "train", done: second, total: 25 });
    }
    expect(out().match(/… train/g)).toHaveLength(2);
  });
});

const failedRun: readonly RunEvent[] = [
  ...sampleRun.slice(0, 4),
  { kind: "step-retry", nodeId: "train", attempt: 2, error: { name: "Error", message: "busy" }, delayMs: 1000 },
  {
    kind: "step-failed",
    nodeId: "train",
    reason: { kind: "changed", text: "rounds: 100 → 200" },
    durationMs: 900,
    error: {
      name: "RangeError",
      message: "too many\nrounds",
      stack:
        "RangeError: too many\n    at trainModel (/home/me/flights.ts:12:3)\n    at node:internal/x:1:1\n    at f (/home/me/node_modules/x/i.js:1:1)",
    },
  },
  { kind: "step-canceled", nodeId: "notes", reason: { kind: "upstream-failed", text: "train failed" } },
  {
    kind: "run-finished",
    runId: 15 as never,
    state: "FAILED",
    counts: { reused: 2, computed: 0, failed: 1, canceled: 1, savedMs: 33_400 },
    durationMs: 1000,
    results: [],
  },
];

describe("live view", () => {
  test("leaves the same lines as the plain one, without those of starting steps", () => {
    const { terminal, out } = recordingTerminal(120);
    const view = new LiveView({ terminal, clock, quiet: false, openRegion: async () => drawing([]) });
    for (const event of sampleRun) view.observe(event);
    const plain = recordingTerminal();
    const other = plainView({ terminal: plain.terminal, clock, quiet: false });
    for (const event of sampleRun) other.observe(event);
    expect(out()).toBe(plain.out().replace(/^ {2}◌.*\n/gm, ""));
  });

  test.each([30, 50, 79, 120])("draws no line wider than a terminal of %i columns", async (columns) => {
    const frames: (readonly string[])[] = [];
    const { terminal } = recordingTerminal(columns);
    const view = new LiveView({ terminal, clock, quiet: false, openRegion: async () => drawing(frames) });
    for (const event of sampleRun.slice(0, 7)) view.observe(event);
    await until(() => frames.length > 0);
    view.end();
    expect(frames[0]).toHaveLength(2);
    for (const line of frames.flat()) expect(textWidth(line)).toBeLessThan(columns);
  });

  test("redraws at most 15 times a second, however fast events come", async () => {
    const frames: (readonly string[])[] = [];
    const { terminal } = recordingTerminal(100);
    const view = new LiveView({ terminal, clock, quiet: false, openRegion: async () => drawing(frames) });
    for (const event of sampleRun.slice(0, 4)) view.observe(event);
    const began = performance.now();
    for (let line = 0; performance.now() - began < 400; line++) {
      view.observe({ kind: "step-output", nodeId: "train", stream: "log", text: `line ${line}\n` });
      await new Promise((resolve) => setImmediate(resolve));
    }
    view.end();
    expect(frames.length).toBeGreaterThan(1);
    expect(frames.length).toBeLessThanOrEqual(Math.ceil(((performance.now() - began) / 1000) * 15) + 2);
  });

  test("opens no region for a run that computes nothing", () => {
    let opened = false;
    const { terminal, out } = recordingTerminal(100);
    const openRegion = async (): Promise<LiveRegion> => {
      opened = true;
      return drawing([]);
    };
    const view = new LiveView({ terminal, clock, quiet: false, openRegion });
    for (const event of sampleRun.slice(0, 3)) view.observe(event);
    view.end();
    expect(opened).toBe(false);
    expect(out()).toContain("split");
  });
});

function drawing(frames: (readonly string[])[]): LiveRegion {
  return { draw: (lines) => void frames.push(lines), clear: () => undefined, end: () => undefined };
}

async function until(condition: () => boolean): Promise<void> {
  const limit = performance.now() + 5000;
  while (!condition()) {
    if (performance.now() > limit) throw new Error("it did not happen within 5 s");
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}
