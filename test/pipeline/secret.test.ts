import { inspect } from "node:util";
import { describe, expect, test } from "vitest";
import { compilePipeline } from "../../src/pipeline/compile-pipeline.ts";
import { pipelineSpecToJson } from "../../src/pipeline/pipeline-spec-json.ts";
import { pipeline } from "../../src/pipeline/pipeline.ts";
import type { Secret } from "../../src/pipeline/output.ts";
import { secret, secretInfo } from "../../src/pipeline/secret.ts";
import { step } from "../../src/pipeline/step.ts";
import { errorOf } from "./error-of.ts";

const ask = step("ask", ({ token, nested }: { token: string; nested?: { list: string[] } }) => [token, nested]);

describe("a secret", () => {
  test("is named in the spec, and its value is nowhere", async () => {
    process.env["WS_TEST_TOKEN"] = "hunter2-value";
    try {
      const p = pipeline("p", ({ given }: { given: Secret }) => ({
        a: ask({ token: secret("WS_TEST_TOKEN"), nested: { list: ["x", secret("OTHER", { inKey: true }), given] } }),
      }));
      const { spec } = await compilePipeline(p, { given: secret("WS_TEST_TOKEN") });
      const [nested, token] = spec.nodes[0]?.properties ?? [];
      expect(token).toMatchObject({
        secrets: ["WS_TEST_TOKEN"],
        secretsInKey: [],
        direct: false,
        inputs: [],
        shown: "secret WS_TEST_TOKEN",
      });
      expect(nested).toMatchObject({ secrets: ["OTHER", "WS_TEST_TOKEN"], secretsInKey: ["OTHER"] });
      expect(spec.params).toEqual({ given: "secret WS_TEST_TOKEN" });
      expect(pipelineSpecToJson(spec)).not.toContain("hunter2");
      expect(
        Buffer.concat(spec.nodes.flatMap(({ properties }) => properties.map(({ bytes }) => bytes))).toString("latin1"),
      ).not.toContain("hunter2");
      expect(Buffer.from(token?.bytes ?? []).toString("latin1")).toContain("secret:WS_TEST_TOKEN");
    } finally {
      delete process.env["WS_TEST_TOKEN"];
    }
  });

  test("differs from the text of its name, and from another secret", async () => {
    const bytesOf = async (token: string | Secret): Promise<string> => {
      const { spec } = await compilePipeline(pipeline("p", () => ({ a: ask({ token }) })));
      return Buffer.from(spec.nodes[0]?.properties[0]?.bytes ?? []).toString("hex");
    };
    const all = [await bytesOf(secret("A")), await bytesOf(secret("B")), await bytesOf("secret:A"), await bytesOf("A")];
    expect(new Set(all).size).toBe(4);
    expect(await bytesOf(secret("A"))).toBe(all[0]);
  });

  test("cannot be forged, used or changed", () => {
    expect(secretInfo({ name: "A", inKey: false })).toBeUndefined();
    const token = secret("API_TOKEN") as unknown as string;
    const message = (did: string): string => `The secret \`API_TOKEN\` has no value here, and ${did}.`;
    const hint = "Hand it to a step as it is: only the step's function gets the value, as text.";
    expect(errorOf(() => `Bearer ${token}`)).toEqual({
      code: "WS_HANDLE_MISUSED",
      message: message("was used as text or as a number"),
      hint,
    });
    expect(errorOf(() => JSON.stringify({ token })).message).toBe(message("was given to JSON.stringify"));
    expect(errorOf(() => token.length).message).toBe(message("was asked for its property `length`"));
    expect(errorOf(() => Array.from(token)).message).toBe(message("was iterated"));
    expect(inspect({ token })).toBe("{ token: Secret<API_TOKEN> }");
  });

  test("has the name of a variable, not a value", () => {
    for (const name of ["", "sk-1234 5678", "1A", "a=b", "x".repeat(3) + "\0"]) {
      expect(errorOf(() => secret(name))).toEqual({
        code: "WS_BAD_NAME",
        message: `A secret cannot be called ${JSON.stringify(name)}.`,
        hint: 'Give the name of the environment variable that holds it, not its value: secret("API_TOKEN").',
      });
    }
  });
});
