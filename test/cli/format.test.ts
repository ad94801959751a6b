import { describe, expect, test } from "vitest";
import fc from "fast-check";
import { formatDuration, formatDurations } from "../../src/cli/format/duration.ts";
import { plainLine, plainText } from "../../src/cli/format/plain-text.ts";
import { cutText, padText, textWidth } from "../../src/cli/format/text-width.ts";
import { progressBar } from "../../src/cli/render/progress-bar.ts";
import { formatStepRow } from "../../src/cli/render/step-row.ts";
import { tableLines } from "../../src/cli/render/table.ts";

const paint = (_style: string, text: string): string => text;

describe("durations", () => {
  test.each([
    [0, "0 ms"],
    [0.4, "0 ms"],
    [999.4, "999 ms"],
    [999.6, "1.0 s"],
    [21_400, "21.4 s"],
    [59_949, "59.9 s"],
    [59_960, "1 min 00 s"],
    [185_000, "3 min 05 s"],
    [3_599_600, "1 h 00 min"],
    [7_800_000, "2 h 10 min"],
  ])("%d ms is %s", (milliseconds, text) => {
    expect(formatDuration(milliseconds)).toBe(text);
  });

  test.each([
    [3000, 5000, "3.0–5.0 s"],
    [10, 12, "10–12 ms"],
    [900, 1200, "900 ms–1.2 s"],
    [10.1, 10.2, "10 ms"],
    [59_000, 3_600_000, "59.0 s–1 h 00 min"],
  ])("from %d to %d ms is %s", (least, most, text) => {
    expect(formatDurations(least, most)).toBe(text);
  });
});

describe("text on a terminal", () => {
  test.each([
    ["train", 5],
    ["訓練", 4],
    ["e\u0301", 1],
    ["\u001b[31mred\u001b[39m", 3],
    ["👍", 2],
    ["→", 1],
  ])("%s takes %d columns", (text, columns) => {
    expect(textWidth(text)).toBe(columns);
  });

  test("never takes more columns than it is cut to, and is whole where it fits", () => {
    fc.assert(
      fc.property(fc.string({ unit: "grapheme" }), fc.nat(40), (raw, columns) => {
        const text = plainLine(raw);
        expect(textWidth(cutText(text, columns))).toBeLessThanOrEqual(columns);
        if (textWidth(text) <= columns) expect(cutText(text, columns)).toBe(text);
        expect(textWidth(padText(text, columns))).toBe(Math.max(columns, textWidth(text)));
      }),
    );
  });

  test("cannot move the cursor, clear the screen, or hide a line", () => {
    expect(plainText("a\u001b[2Jb\u0007\rc\u202Ed\r\ne\tf")).toBe("abcd\ne\tf");
    expect(plainLine("a\n  b\n")).toBe("a b");
    fc.assert(
      fc.property(
        fc.string({ unit: "binary" }),
        (text) => plainText(plainText(text)) === plainText(text) && !/(?![\n\t])\p{Cc}/u.test(plainText(text)),
      ),
    );
  });
});

test("progress is full only when it is done", () => {
  expect(progressBar({ done: 0, total: 200 })).toBe("░░░░░░░░░░░░ 0/200");
  expect(progressBar({ done: 199.99, total: 200 })).toBe("███████████░ 200.0/200");
  expect(progressBar({ done: 200, total: 200 })).toBe("████████████ 200/200");
  expect(progressBar({ done: 300, total: 200 })).toBe("████████████ 300/200");
  expect(progressBar({ done: 17 })).toBe("17");
  expect(progressBar({ done: 17, total: 0 })).toBe("17");
});

describe("a step's line", () => {
  const row = {
    symbol: "●",
    style: "cyan",
    name: "train",
    verb: "computed",
    text: "rounds: 100 → 200",
    right: "31.2 s",
  } as const;

  test("gives up its columns before its words", () => {
    const layout = { nameWidth: 10, columns: 40, cut: false, paint };
    expect(formatStepRow(row, layout)).toBe("  ● train       computed rounds: 100 → 200  31.2 s");
  });

  test("is cut where it is redrawn", () => {
    const layout = { nameWidth: 10, columns: 48, cut: true, paint };
    const line = formatStepRow(row, layout);
    expect(textWidth(line)).toBeLessThanOrEqual(48);
    expect(line).toBe("  ● train       computed rounds: 100 → …  31.2 s");
  });
});

test("a table is as wide as its widest cells", () => {
  expect(
    tableLines(
      ["id", "name"],
      [
        ["1", "訓練"],
        ["100", "x"],
      ],
      paint,
    ),
  ).toEqual(["  id   name", "  1    訓練", "  100  x"]);
});
