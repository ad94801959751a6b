import { describe, expect, test } from "vitest";
import { describeCodeChange } from "../../src/cache/code-change.ts";
import { compareCode } from "../../src/cache/compare-code.ts";
import { digestOf } from "../../src/encoding/digest.ts";
import type { CodeRecord } from "../../src/model/code-record.ts";
import { codeGraph, findIn } from "./code-graphs.ts";
import type { WrittenCode } from "./code-graphs.ts";

const program: WrittenCode = {
  train: { at: "pipeline.ts:5", text: "(rows) => fit(normalise(rows))", uses: ["normalise", "fit"] },
  normalise: { at: "rows.ts:3", text: "rows.map(parseDate)", uses: ["parseDate", "package zod"] },
  fit: { at: "fit.ts:1", text: "registry.get('fit')", uses: ["registry", "parseDate"] },
  parseDate: { at: "helpers/dates.ts:12", text: "return new Date(text)", uses: ["pad"] },
  pad: { at: "helpers/dates.ts:3", text: "text.padStart(2)" },
  registry: { at: "plugins.ts:1", text: "new Map()", uses: ["statement a", "statement b"] },
  "statement a": { at: "plugins.ts:3", text: "registry.set('fit', fit)" },
  "statement b": { at: "plugins.ts:4", text: "registry.set('test', test)" },
  "package zod": { text: "4.1.0" },
};

async function told(before: WrittenCode, after: WrittenCode, root = "train"): Promise<readonly string[] | undefined> {
  const [old, now] = [codeGraph(before), codeGraph(after)];
  const roots = { before: digestIn(old, root), after: digestIn(now, root) };
  return (await compareCode(roots, findIn(old, now).find))?.map(describeCodeChange);
}

function digestIn(graph: ReadonlyMap<string, CodeRecord>, label: string): CodeRecord["digest"] {
  return graph.get(label)?.digest ?? digestOf("");
}

function edited(label: string, change: Partial<WrittenCode[string]>, others: WrittenCode = {}): WrittenCode {
  return { ...program, ...others, [label]: { ...(program[label] ?? { text: "" }), ...change } };
}

function without(label: string, code: WrittenCode = program): WrittenCode {
  return Object.fromEntries(Object.entries(code).filter(([name]) => name !== label));
}

describe("what differs is told by symbol and line, with the way to it", () => {
  test.each<[string, WrittenCode, readonly string[]]>([
    ["the step itself", edited("train", { text: "(rows) => fit(rows)" }), ["pipeline.ts:5 train changed"]],
    [
      "a helper far down, told once though two ways lead to it",
      edited("pad", { text: "text.padStart(4)" }),
      ["helpers/dates.ts:3 pad changed, used by train → normalise → parseDate → pad"],
    ],
    [
      "two helpers, the nearer first",
      edited(
        "pad",
        { text: "text.padStart(4)" },
        { fit: { ...program["fit"], text: "registry.get('fit2')" } as never },
      ),
      [
        "fit.ts:1 fit changed, used by train → fit",
        "helpers/dates.ts:3 pad changed, used by train → fit → parseDate → pad",
      ].map((text) => text.replace("fit → parseDate", "normalise → parseDate")),
    ],
    [
      "a statement that changes what a name holds",
      edited("statement a", { text: "registry.set('fit', fit2)" }),
      ["plugins.ts:3 statement changed, touches registry, used by train → fit → registry"],
    ],
    [
      "a statement that is new, while the others moved down",
      {
        ...program,
        registry: { ...program["registry"], uses: ["statement n", "statement a", "statement b"] } as never,
        "statement n": { at: "plugins.ts:3", text: "registry.clear()" },
        "statement a": { at: "plugins.ts:4", text: "registry.set('fit', fit)" },
        "statement b": { at: "plugins.ts:5", text: "registry.set('test', test)" },
      },
      ["plugins.ts:3 statement is new, touches registry, used by train → fit → registry"],
    ],
    [
      "a statement that went",
      { ...without("statement b"), registry: { ...program["registry"], uses: ["statement a"] } as never },
      ["plugins.ts:4 statement is gone, touched registry, used by train → fit → registry"],
    ],
    ["a package", edited("package zod", { text: "4.1.2" }), ["package zod 4.1.0 → 4.1.2, used by train → normalise"]],
    [
      "two helpers that changed places, and nothing else",
      edited("train", { uses: ["fit", "normalise"] }),
      ["pipeline.ts:5 train changed"],
    ],
    [
      "a helper that is called now",
      edited(
        "train",
        { text: "(rows) => check(fit(normalise(rows)))", uses: ["normalise", "fit", "check"] },
        {
          check: { at: "check.ts:2", text: "return rows" },
        },
      ),
      ["pipeline.ts:5 train changed", "check.ts:2 check is new, used by train → check"],
    ],
    [
      "a helper that was there and is called from one place more: only the caller is news",
      edited("train", { text: "(rows) => pad(fit(normalise(rows)))", uses: ["normalise", "fit", "pad"] }),
      ["pipeline.ts:5 train changed"],
    ],
    [
      "a helper that is no longer used",
      without("package zod", edited("normalise", { text: "rows.map(parse)", uses: ["parseDate"] })),
      [
        "rows.ts:3 normalise changed, used by train → normalise",
        "package zod 4.1.0 is no longer used; it was used by train → normalise",
      ],
    ],
    [
      "a helper that was renamed and edited",
      {
        ...without("pad"),
        parseDate: { ...program["parseDate"], uses: ["fill"] } as never,
        fill: { at: "helpers/dates.ts:3", text: "text.padStart(3)" },
      },
      ["helpers/dates.ts:3 fill changed (it was pad), used by train → normalise → parseDate → fill"],
    ],
    [
      "an import that leads elsewhere",
      {
        ...without("pad"),
        parseDate: { ...program["parseDate"], uses: ["pad"] } as never,
        pad: { at: "helpers/pads.ts:7", text: "padding(text)" },
      },
      ["helpers/pads.ts:7 pad instead of helpers/dates.ts:3 pad, used by train → normalise → parseDate → pad"],
    ],
    [
      "a name that now stands for what another place used all along",
      edited("normalise", { uses: ["pad", "package zod"] }),
      [
        "helpers/dates.ts:3 pad is now used by train → normalise",
        "helpers/dates.ts:12 parseDate is no longer used by train → normalise",
      ],
    ],
  ])("%s", async (_, after, texts) => {
    expect(await told(program, after)).toEqual(texts);
  });

  test("an asset is told by its file", async () => {
    const withAsset = (text: string): WrittenCode => ({
      train: { at: "a.ts:1", text: "read(defaults)", uses: ["defaults.json"] },
      "defaults.json": { at: "src/defaults.json", text },
    });
    expect(await told(withAsset("{}"), withAsset('{"a":1}'))).toEqual([
      "src/defaults.json changed, used by train → defaults.json",
    ]);
  });

  test("a statement that belongs to the whole program is told as such", async () => {
    const withSetUp = (text: string): WrittenCode => ({
      program: { text: "", uses: ["statement s"] },
      "statement s": { at: "setup.ts:2", text },
    });
    expect(await told(withSetUp("Math.random = f"), withSetUp("Math.random = g"), "program")).toEqual([
      "setup.ts:2 statement changed, touches the whole program",
    ]);
  });
});

describe("circles", () => {
  const circle = (even: string): WrittenCode => ({
    train: { at: "a.ts:1", text: "even(rows)", uses: ["even"] },
    even: { at: "a.ts:3", text: even, uses: ["odd"] },
    odd: { at: "a.ts:7", text: "even(n - 1)", uses: ["even", "odd"] },
  });

  test("of pieces that lead to each other the edited one alone is told", async () => {
    expect(await told(circle("odd(n - 1)"), circle("odd(n - 3)"))).toEqual([
      "a.ts:3 even changed, used by train → even",
    ]);
  });
});

describe("what was not recorded is not guessed", () => {
  test("equal roots, unknown roots and unknown pieces below", async () => {
    const [old, now] = [codeGraph(program), codeGraph(edited("pad", { text: "x" }))];
    const roots = { before: digestIn(old, "train"), after: digestIn(now, "train") };
    expect(await compareCode({ before: roots.before, after: roots.before }, findIn(old).find)).toBeUndefined();
    expect(await compareCode(roots, findIn(old).find)).toBeUndefined();
    const [someOld, someNow] = [old, now].map(
      (graph) => new Map([...graph].filter(([label]) => label !== "normalise")),
    );
    const only = [...someOld!, ...someNow!].filter(([label]) => label === "train" || label === "fit");
    expect(await compareCode(roots, findIn(new Map(only.map(([l, r], n) => [`${l}${n}`, r]))).find)).toBeUndefined();
  });
});

test("five thousand shared pieces take a question for each level, and little time", async () => {
  const layers = 20;
  const wide = (edit: string): WrittenCode => {
    const pieces: Record<string, WrittenCode[string]> = {
      train: { at: "p.ts:1", text: "root", uses: Array.from({ length: 250 }, (_, n) => `f0_${n}`) },
    };
    for (let layer = 0; layer < layers; layer++) {
      for (let n = 0; n < 250; n++) {
        const uses = layer + 1 < layers ? [`f${layer + 1}_${n}`, `f${layer + 1}_${(n * 7) % 250}`] : [];
        const text = layer === layers - 1 && n === 3 ? edit : `body ${layer} ${n}`;
        pieces[`f${layer}_${n}`] = { at: `m${layer}.ts:${n + 1}`, text, uses };
      }
    }
    return pieces;
  };
  const [old, now] = [layered(wide("a"), layers), layered(wide("b"), layers)];
  const { find, questions } = findIn(old, now);
  const changes = await compareCode({ before: digestIn(old, "train"), after: digestIn(now, "train") }, find);
  expect(changes?.map(({ after }) => after?.name)).toEqual(["f19_3"]);
  expect(questions.length).toBeLessThanOrEqual(layers + 1);
});

/** Digests from below: the general ones would walk all that is below each piece. */
function layered(code: WrittenCode, layers: number): ReadonlyMap<string, CodeRecord> {
  const records = new Map<string, CodeRecord>();
  const add = (label: string, { at, text, uses = [] }: WrittenCode[string]): void => {
    const used = [...new Set(uses)].map((one) => digestIn(records, one));
    const [file, line] = (at ?? "").split(":");
    const digest = digestOf(JSON.stringify([text, used]));
    records.set(label, {
      digest,
      own: digestOf(text),
      name: label,
      file: `project:${file}`,
      line: Number(line),
      uses: used,
      text,
    });
  };
  for (let layer = layers - 1; layer >= 0; layer--) {
    for (const [label, piece] of Object.entries(code)) if (label.startsWith(`f${layer}_`)) add(label, piece);
  }
  add("train", code["train"] ?? { text: "" });
  return records;
}
