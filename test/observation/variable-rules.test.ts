import { expect, test } from "vitest";
import { ThreadEnvironment } from "../../src/observation/thread-environment.ts";
import { ignoredBy } from "../../src/observation/variable-rules.ts";

test.each([
  ["OPENAI_API_KEY", true],
  ["NO_COLOR", true],
  ["CI_JOB_ID", true],
  ["MY_CI_JOB", false],
  ["MODEL_TOKEN", false],
  ["OTHER_TOKEN", true],
  ["a.b", true],
  ["aXb", false],
  ["HOME", false],
])("%s is ignored: %s", (name, ignored) => {
  expect(ignoredBy({ ignore: ["CI_*", "a.b", "MODEL_*"], count: ["MODEL_TOKEN"] })(name)).toBe(ignored);
});

test("what was read and does not count is told by its name", () => {
  const environment = new ThreadEnvironment({ OPENAI_API_KEY: "sk", HOME: "/home/me", CI_JOB: "7" });
  const env = environment.proxy();
  void [env["OPENAI_API_KEY"], env["HOME"], env["CI_JOB"], env["GITHUB_TOKEN"]];
  environment.beginStep({ ignore: ["CI_*"] });
  expect(environment.ignored).toEqual(["CI_JOB", "GITHUB_TOKEN", "OPENAI_API_KEY"]);
  expect(environment.names).toEqual(["HOME"]);
});
