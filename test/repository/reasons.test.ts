import { expect, test } from "vitest";
import { TestProject } from "../rig/project.ts";

const head = `import { pipeline, step } from "warmstart";\n`;

test("every reason names what changed, with old and new values", async () => {
  const file = (extra = ""): string => `${head}
    import { helper } from "./helper.ts";
    import { lib } from "lib";
    const make = step("make", ({ rounds, tags }: { rounds: number; tags: string[] }) => helper(rounds) + lib + tags.length);
    const use = step("use", ({ made }: { made: number }) => made); ${extra}
    export default pipeline("p", ({ rounds = 100, tags = ["a"] }: { rounds?: number; tags?: string[] }) => ({ a: use({ made: make({ rounds, tags }) }) }));`;
  const lib = (version: string, value: number): Record<string, string> => ({
    "node_modules/lib/package.json": JSON.stringify({ name: "lib", version, type: "module", exports: "./index.js" }),
    "node_modules/lib/index.js": `export const lib = ${value};`,
  });
  using project = new TestProject({
    "pipeline.ts": file(),
    "helper.ts": "export const helper = (n: number) => n;",
    ...lib("4.1.0", 1),
  });
  const reasons = async (params: object = {}): Promise<unknown> => (await project.drive({ params })).reasons;
  expect(await reasons()).toEqual({ make: "first time", use: "first time" });
  expect(await reasons({ rounds: 200 })).toEqual({ make: "rounds: 100 → 200", use: "its input `made` changed" });
  expect(await reasons({ tags: ["a", "b"] })).toEqual({
    make: 'tags: ["a"] → ["a", "b"]',
    use: "its input `made` changed",
  });
  project.write({ "helper.ts": "export const helper = (n: number) => n + 0;" });
  expect(await reasons()).toMatchObject({ make: "helper.ts:1 helper changed, used by make → helper" });
  project.write(lib("4.1.2", 2));
  expect(await reasons()).toMatchObject({ make: "package lib 4.1.0 → 4.1.2" });
  project.write({
    "tsconfig.json": JSON.stringify({ compilerOptions: { target: "es2020", useDefineForClassFields: false } }),
  });
  expect(await reasons()).toMatchObject({ make: expect.stringMatching(/TypeScript/) });
});
