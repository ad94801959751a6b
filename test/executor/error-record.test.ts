import fc from "fast-check";
import { expect, test } from "vitest";
import { RunError } from "../../src/errors.ts";
import { toErrorRecord, withoutSecrets } from "../../src/executor/error-record.ts";

test("whatever was thrown becomes plain texts", () => {
  fc.assert(
    fc.property(fc.anything({ withNullPrototype: true, withSparseArray: true, withBigInt: true }), (thrown) => {
      for (const text of Object.values(toErrorRecord(thrown))) expect(typeof text).toBe("string");
      const hostile = Object.assign(new Error("x"), { name: thrown, stack: thrown, code: thrown, cause: thrown });
      for (const text of Object.values(toErrorRecord(hostile))) expect(typeof text).toBe("string");
    }),
  );
});

test("what throws when it is looked at becomes a text, too", () => {
  const throwing = new Proxy(
    {},
    {
      get: () => {
        throw new Error("no");
      },
      getPrototypeOf: () => {
        throw new Error("no");
      },
    },
  );
  expect(toErrorRecord(throwing).message).not.toBe("");
});

test("code, hint and cause are kept; texts are bounded", () => {
  const cause = new Error("the disk is full");
  const record = toErrorRecord(new RunError("WS_EXECUTOR", { message: "No.", hint: "Try again.", cause }));
  expect(record).toMatchObject({ code: "WS_EXECUTOR", hint: "Try again.", message: "No. (because: the disk is full)" });
  expect(toErrorRecord(new Error("x".repeat(100_000))).message.length).toBe(4000);
});

test("secrets are blotted out of every text", () => {
  const record = { name: "E hush", message: "hush", code: "hush", stack: "at hush", hint: "hush" };
  expect(JSON.stringify(withoutSecrets(record, ["hush"]))).not.toContain("hush");
});
