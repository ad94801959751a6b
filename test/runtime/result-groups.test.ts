import { expect, test } from "vitest";
import { ResultGroups } from "../../src/runtime/result-groups.ts";
import type { ResultGroup } from "../../src/runtime/result-groups.ts";

const inGroup = async (group: ResultGroup): Promise<ResultGroup> => group;

test("a result that nobody takes the place of is recorded at once", async () => {
  const groups = new ResultGroups();
  expect(await groups.join(true, inGroup)).toEqual({ size: 1 });
});

test("what waits is recorded with the next one that is urgent, as one group", async () => {
  const groups = new ResultGroups();
  const all = [groups.join(false, inGroup), groups.join(false, inGroup), groups.join(true, inGroup)];
  const [first, ...others] = await Promise.all(all);
  expect(first).toEqual({ size: 3 });
  for (const other of others) expect(other).toBe(first);
  expect(await groups.join(true, inGroup)).not.toBe(first);
});

test("a result is held for a moment only", async () => {
  expect(await new ResultGroups().join(false, inGroup)).toEqual({ size: 1 });
});

test("many results do not wait", async () => {
  const groups = new ResultGroups();
  const all = await Promise.all(Array.from({ length: 40 }, () => groups.join(false, inGroup)));
  expect(new Set(all)).toEqual(new Set([{ size: 32 }, { size: 8 }]));
});

test("whoever asks that all be recorded waits for it, also where one could not be", async () => {
  const groups = new ResultGroups();
  const order: string[] = [];
  const slowly = async (): Promise<void> => {
    await new Promise((resolve) => setTimeout(resolve, 5));
    order.push("recorded");
    throw new Error("no space");
  };
  const refused = groups.join(false, slowly).catch((error: unknown) => error);
  await Promise.all([groups.settled(), groups.settled()]);
  order.push("settled");
  expect(order).toEqual(["recorded", "settled"]);
  expect(await refused).toEqual(new Error("no space"));
  await groups.settled();
});
