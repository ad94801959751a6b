import { expect, test } from "vitest";
import { forEachLimited } from "../../src/util/for-each-limited.ts";

test("does everything in order of beginning, and never more at a time than it may", async () => {
  const began: number[] = [];
  let open = 0;
  let most = 0;
  await forEachLimited(Array(20).keys(), 3, async (item) => {
    began.push(item);
    most = Math.max(most, ++open);
    await new Promise((resolve) => setTimeout(resolve, item % 3));
    open -= 1;
  });
  expect(began).toEqual([...Array(20).keys()]);
  expect([open, most]).toEqual([0, 3]);
});

test("a failure ends it once what has begun is done", async () => {
  const done: number[] = [];
  const work = async (item: number): Promise<void> => {
    if (item === 1) throw new Error("no");
    await new Promise((resolve) => setTimeout(resolve, 5));
    done.push(item);
  };
  await expect(forEachLimited([0, 1, 2, 3, 4], 2, work)).rejects.toThrow("no");
  expect(done).toEqual([0]);
});
