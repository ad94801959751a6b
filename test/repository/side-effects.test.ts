import { rmSync } from "node:fs";
import { expect, test } from "vitest";
import { TestProject } from "../rig/project.ts";

const head = `import { pipeline, step } from "warmstart"; import fs from "node:fs";\n`;

test("what a failed attempt wrote and the next one built upon must still stand", async () => {
  using project = new TestProject({
    "pipeline.ts": `${head}
      const a = step("a", { retry: { times: 1, delay: "1ms" } }, ({ n }: { n: number }) => {
        if (fs.existsSync("part")) return n;
        fs.writeFileSync("part", "1");
        throw new Error("the line went dead");
      });
      export default pipeline("p", () => ({ a: a({ n: 1 }) }));`,
  });
  expect((await project.drive()).computed).toEqual(["a"]);
  expect((await project.drive()).reused).toEqual(["a"]);
  rmSync(project.path("part"));
  const again = await project.drive();
  expect(again.reasons).toEqual({ a: "part, which it wrote, holds something else now" });
});
