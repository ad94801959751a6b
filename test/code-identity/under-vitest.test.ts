import { fileURLToPath, pathToFileURL } from "node:url";
import { expect, test } from "vitest";
import { createCodeIdentifier } from "../../src/code-identity/code-identifier.ts";
import type { FunctionSource } from "../../src/code-identity/code-identity.ts";
import { helper } from "./fixtures/helper.ts";
import { temporaryFolder } from "./project.ts";

/** Where it is called, as the runner's stack traces say. */
function here(fn: (...args: never[]) => unknown): FunctionSource {
  const frame = new Error().stack?.split("\n")[2] ?? "";
  const [, url = "", line = "", column = ""] = /\(?((?:file:)?\/[^\s()]+?):(\d+):(\d+)\)?$/.exec(frame) ?? [];
  return {
    fn,
    definedAt: {
      url: url.startsWith("file:") ? url : pathToFileURL(url).href,
      line: Number(line),
      column: Number(column),
    },
  };
}

const scale =
  (k: number) =>
  (x: number): number =>
    helper(x * k);
const top = (x: number): number => x + 1;

test("functions of modules that a test runner transformed are found by its source maps, captures included", async () => {
  const identifier = createCodeIdentifier({ projectRoot: import.meta.dirname });
  const identify = async (step: FunctionSource) => {
    return await identifier.identify({ step, materializers: [], pipelineModule: undefined, mode: "files" });
  };
  const three = await identify(here(scale(3)));
  const five = await identify(here(scale(5)));
  const plain = await identify(here(top));
  const local = 4;
  const inside = await identify(here((x: number) => x * local));
  expect(three.captures.map(({ name }) => name)).toEqual(["function", "k"]);
  expect(inside.captures.map(({ name }) => name)).toEqual(["function", "local"]);
  expect(plain.captures).toHaveLength(1);
  expect(new Set([three, five, plain, inside].map(({ digest }) => digest)).size).toBe(4);
  for (const identity of [three, five, plain, inside]) {
    expect(identity.unseen.filter(({ kind, name }) => kind === "code" && !name.startsWith("unresolved"))).toEqual([]);
    expect(identity.modules.map(({ url }) => fileURLToPath(url))).toContain(
      fileURLToPath(import.meta.resolve("./fixtures/helper.ts")),
    );
  }
  expect(three.leaves.find(({ path }) => path[1] === "function")?.shown).toBe("project:under-vitest.test.ts#scale#2");
});

test("a function whose place cannot be told is flagged, and told from others by its text", async () => {
  const identifier = createCodeIdentifier({
    projectRoot: temporaryFolder(),
    mapPosition: () => ({ line: 1, column: 1 }),
  });
  const identify = async (fn: () => unknown) => {
    return await identifier.identify({ step: here(fn), materializers: [], pipelineModule: undefined, mode: "files" });
  };
  const first = await identify(() => scale(3));
  const second = await identify(() => scale(4));
  expect(first.unseen.map(({ kind, name }) => `${kind}:${name}`)).toContain("code:function");
  expect(first.digest).not.toBe(second.digest);
});
