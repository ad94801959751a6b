import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { StepSignal } from "../../src/executor/executor.ts";
import { KEPT_AT_END, KEPT_AT_START, OutputCapture, readLog } from "../../src/executor/output-capture.ts";
import type { LogLine } from "../../src/executor/output-capture.ts";
import { PiecewiseRedaction, redacted } from "../../src/executor/redaction.ts";

type Stream = "stdout" | "stderr" | "log";

interface Captured {
  readonly lines: readonly LogLine[];
  readonly bytes: Uint8Array | undefined;
  readonly shown: string;
}

function capture(writes: readonly (readonly [Stream, string])[], secrets: readonly string[] = [], tick = 1): Captured {
  const signals: StepSignal[] = [];
  let now = 0;
  const output = new OutputCapture({
    monotonic: () => (now += tick),
    secrets,
    onSignal: (signal) => signals.push(signal),
  });
  for (const [stream, text] of writes) output.write(stream, text);
  const bytes = output.toBytes();
  const shown = signals.map((signal) => (signal.kind === "output" ? signal.text : "")).join("");
  return { lines: bytes === undefined ? [] : readLog(bytes), bytes, shown };
}

/** What was kept of one stream before and after what was dropped. */
function parts({ lines }: Captured): readonly [string, string] {
  const text = (some: readonly LogLine[]): string => some.map((line) => line.text).join("");
  const at = lines.findIndex(({ stream }) => stream === "dropped");
  return at === -1 ? [text(lines), ""] : [text(lines.slice(0, at)), text(lines.slice(at + 1))];
}

const stream = fc.constantFrom<Stream>("stdout", "stderr", "log");
const text = fc.string({ unit: "binary", maxLength: 30 });

describe("captured output", () => {
  test("comes back as it was written, stream by stream and in order", () => {
    fc.assert(
      fc.property(fc.array(fc.tuple(stream, text)), fc.integer({ min: 0, max: 5 }), (writes, tick) => {
        const captured = capture(writes, [], tick);
        const joined = (items: readonly (readonly [string, string])[]): string =>
          items.flatMap(([from, all]) => Array.from(all, (letter) => `${from} ${letter}`)).join("\n");
        expect(joined(captured.lines.map((line) => [line.stream, line.text]))).toBe(joined(writes));
        expect(captured.bytes === undefined).toBe(writes.every(([, all]) => all === ""));
      }),
    );
  });

  test("half a character comes back as it was", () => {
    expect(capture([["stdout", "\ud83d"]]).lines[0]?.text).toBe("\ud83d");
  });

  test("keeps exactly the first and the last of what is too much, in pieces of any size", () => {
    const sizes = fc.array(fc.oneof(fc.nat(2000), fc.nat(400_000), fc.nat(2_500_000)), { minLength: 1, maxLength: 12 });
    fc.assert(
      fc.property(sizes, (lengths) => {
        let counter = 0;
        const writes = lengths.map((length) => {
          const line = Array.from({ length: Math.ceil(length / 9) }, () => `${(counter++).toString().padStart(8)}\n`);
          return ["stdout", line.join("").slice(0, length)] as const;
        });
        const whole = writes.map(([, piece]) => piece).join("");
        const captured = capture(writes);
        const [head, tail] = parts(captured);
        const kept = KEPT_AT_START + KEPT_AT_END;
        const expected =
          whole.length <= kept ? [whole, ""] : [whole.slice(0, KEPT_AT_START), whole.slice(-KEPT_AT_END)];
        // By length and ends first: a failure that prints megabytes helps nobody.
        expect([head.length, tail.length]).toEqual(expected.map(({ length }) => length));
        expect([head === expected[0], tail === expected[1]]).toEqual([true, true]);
        const dropped = captured.lines.find((line) => line.stream === "dropped")?.text ?? "… 0 ";
        expect(dropped).toContain(`… ${Math.max(0, whole.length - kept)} `);
      }),
      { numRuns: 30 },
    );
  });

  test("is bounded also when it is written letter by letter", () => {
    const captured = capture(Array.from({ length: 300_000 }, () => ["stdout", "x"] as const));
    expect(captured.lines.length).toBeLessThan(200);
    expect(parts(captured)[0].length).toBe(300_000);
  });

  test("shows a part live, and says that there is more", () => {
    const { shown } = capture(Array.from({ length: 1000 }, () => ["stdout", `${"x".repeat(999)}\n`] as const));
    expect(shown.length).toBeLessThan(300_000);
    expect(shown).toMatch(/further output is kept in the log and not shown\n$/);
  });

  test("a log of a newer format is not guessed at", () => {
    const bytes = new TextEncoder().encode(`{"format":"warmstart-log","version":2}\n{"new":"form"}\n`);
    expect(readLog(bytes)[0]?.text).toMatch(/newer/);
  });
});

describe("secrets", () => {
  test("never come out, in whatever pieces they go in", () => {
    const letters = fc.string({ unit: fc.constantFrom("a", "b", "c"), minLength: 1, maxLength: 5 });
    const pieces = fc.array(fc.string({ unit: fc.constantFrom("a", "b", "c", "-"), maxLength: 6 }), { maxLength: 12 });
    fc.assert(
      fc.property(fc.array(letters, { maxLength: 3 }), pieces, (secrets, all) => {
        const redaction = new PiecewiseRedaction(secrets);
        const out = all.map((piece) => redaction.add(piece)).join("") + redaction.end();
        expect(out).toBe(redacted(all.join(""), secrets));
        for (const secret of secrets) expect(out).not.toContain(secret);
      }),
      { numRuns: 2000 },
    );
  });

  test("what is around them stays, and is let out as soon as it cannot be one", () => {
    const redaction = new PiecewiseRedaction(["hush"]);
    expect([redaction.add("say hu"), redaction.add("t hus"), redaction.add("h!"), redaction.end()]).toEqual([
      "say ",
      "hut ",
      "***!",
      "",
    ]);
  });

  test("one inside another leaves no rest", () => {
    expect(redacted("key abcdef", ["abc", "abcdef", ""])).toBe("key ***");
  });

  test("each stream is looked at by itself", () => {
    const captured = capture(
      [
        ["stdout", "hu"],
        ["stderr", "hu"],
        ["stdout", "sh\n"],
        ["stderr", "ge\n"],
      ],
      ["hush"],
    );
    expect(captured.shown).toBe("***\nhuge\n");
  });
});
