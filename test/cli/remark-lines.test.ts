import { expect, test } from "vitest";
import { remarkLines } from "../../src/cli/render/remark-lines.ts";
import type { ShownRemarks } from "../../src/runtime/code-notices.ts";

const plain = (_style: string, text: string): string => text;

function clocks(count: number, isNew = true): ShownRemarks {
  const warnings = Array.from({ length: count }, (_, index) => {
    return { kind: "clock", name: "Date.now", at: `model.ts:${index + 1}` } as const;
  });
  return { warnings, environment: [], state: [], isNew };
}

test("a fan of nodes with one code takes one line, and so do many places", () => {
  const nodes = Array.from({ length: 100 }, (_, index) => ({ id: `train-${index + 1}`, remarks: clocks(5) }));
  expect(remarkLines(nodes, plain)).toEqual([
    "· train-1, train-2, train-3 and 97 more read the clock: model.ts:1 Date.now, model.ts:2 Date.now, model.ts:3 Date.now and 2 more",
    expect.stringContaining("warmstart audit"),
  ]);
});

test("many codes are limited, and codes that were met before are left out", () => {
  const nodes = Array.from({ length: 20 }, (_, index) => ({ id: `step-${index}`, remarks: clocks(index + 1) }));
  const lines = remarkLines([...nodes, { id: "old", remarks: clocks(40, false) }], plain);
  expect(lines).toHaveLength(10);
  expect(lines.join("\n")).not.toContain("old");
});

test("nothing to say takes no line", () => {
  expect(remarkLines([{ id: "train", remarks: clocks(0) }], plain)).toEqual([]);
});
