import { mkdirSync, mkdtempSync, rmSync, utimesSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterAll, beforeEach, expect, test } from "vitest";
import { createFileDigests } from "../../src/code-identity/module-stamps.ts";
import type { FileDigests } from "../../src/code-identity/module-stamps.ts";
import { digestOf } from "../../src/encoding/digest.ts";
import type { PathSet, ReadQuestion } from "../../src/model/reads.ts";
import { Revalidation } from "../../src/observation/revalidation.ts";

const folder = mkdtempSync(path.join(tmpdir(), "warmstart-revalidation-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

let looks: string[] = [];
beforeEach(() => void (looks = []));

/** Digests that tell of each look, over real files. */
function countedDigests(): FileDigests {
  const digests = createFileDigests();
  return {
    digestOfFile: async (file) => {
      looks.push(path.basename(file));
      return digests.digestOfFile(file);
    },
    digestOfSource: (file) => digests.digestOfSource(file),
    stampOf: (file) => digests.stampOf(file),
    save: () => digests.save(),
  };
}

function revalidation(digests: FileDigests = countedDigests()): Revalidation {
  const pathOf = (name: string): string | undefined =>
    name.startsWith("gone:") ? undefined : path.join(folder, name.replace("project:", ""));
  return new Revalidation({ digests, environment: { ZONE: "here" }, environmentKey: "key", pathOf });
}

function write(name: string, text: string): void {
  mkdirSync(path.dirname(path.join(folder, name)), { recursive: true });
  writeFileSync(path.join(folder, name), text);
  utimesSync(path.join(folder, name), 1e9, 1e9);
}

function asking(...questions: readonly (readonly [ReadQuestion["kind"], string])[]): PathSet {
  return { questions: questions.map(([kind, name]) => ({ kind, name: kind === "env" ? name : `project:${name}` })) };
}

test("sets that are answered together look at each file once, also below a folder and by another kind", async () => {
  write("data/x", "one");
  write("data/y", "two");
  const sets = [
    asking(["file", "data/x"]),
    asking(["file", "data/x"], ["env", "ZONE"], ["listing", "data"]),
    asking(["directory", "data"], ["source", "data/x"], ["file", "none"]),
  ];
  const answers = await revalidation().answersTogether(sets);
  expect(looks.toSorted()).toEqual(["none", "x", "y"]);
  expect(answers.map((answer) => answer?.map(({ kind }) => kind))).toEqual([
    ["file"],
    ["file", "env", "listing"],
    ["directory", "source", "absent"],
  ]);
  expect(answers[0]?.[0]?.digest).toBe(digestOf("one"));
  for (const [index, set] of sets.entries()) expect(await revalidation().answers(set)).toEqual(answers[index]);
});

test("the next look finds what changed since", async () => {
  const again = revalidation();
  const sets = [asking(["file", "x"]), asking(["presence", "x"], ["file", "x"])];
  const digests = async (): Promise<unknown> =>
    (await again.answersTogether(sets)).map((answer) => answer?.at(-1)?.digest);
  for (const text of ["one", "two", "one"]) {
    write("x", text);
    expect(await digests()).toEqual([digestOf(text), digestOf(text)]);
  }
});

test("for a set that cannot be answered nothing is looked at, and the others are answered", async () => {
  write("x", "one");
  const unanswerable: PathSet = { questions: [...asking(["file", "big"]).questions, { kind: "file", name: "gone:y" }] };
  const answers = await revalidation().answersTogether([unanswerable, asking(["file", "x"]), { questions: [] }]);
  expect(answers.map((answer) => answer?.length)).toEqual([undefined, 1, 0]);
  expect(looks).toEqual(["x"]);
});

test("what may not be read is an answer in every set, and no more than 8 are hashed at a time", async () => {
  let open = 0;
  let most = 0;
  const digests: FileDigests = {
    ...countedDigests(),
    stampOf: () => undefined,
    digestOfFile: async (file) => {
      most = Math.max(most, ++open);
      await new Promise((resolve) => setImmediate(resolve));
      open -= 1;
      if (file.endsWith("7")) throw new Error("it may not be read");
      return { digest: digestOf(file), size: 1, stamp: "1" };
    },
  };
  const set = asking(...Array.from({ length: 40 }, (_, index) => ["file", `f${index}`] as const));
  const [first, second] = await revalidation(digests).answersTogether([set, set]);
  expect(most).toBe(8);
  expect(first).toHaveLength(40);
  expect(second).toEqual(first);
  expect(new Set(first?.map(({ digest }) => digest)).size).toBe(37);
});
