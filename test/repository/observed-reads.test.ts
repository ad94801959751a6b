import { mkdirSync, rmSync, symlinkSync } from "node:fs";
import { describe, expect, test } from "vitest";
import type { DrivenRun, DriveRequest } from "../rig/project.ts";
import { TestProject } from "../rig/project.ts";

interface Story {
  readonly body: string;
  readonly files?: Readonly<Record<string, string>>;
  readonly request?: DriveRequest;
  readonly input?: string;
  before?(project: TestProject): void;
  between?(project: TestProject): void;
}

/** Runs a pipeline of one step twice, with something happening between. */
async function twice(story: Story): Promise<readonly [DrivenRun, DrivenRun]> {
  using project = new TestProject({
    ...story.files,
    "pipeline.ts": `import { pipeline, secret, step } from "warmstart"; import fs from "node:fs";
      const work = step("work", async (input: { key?: string }, ctx) => { ${story.body} });
      export default pipeline("p", () => ({ a: work(${story.input ?? "{}"}) }));`,
  });
  story.before?.(project);
  const first = await project.drive(story.request);
  story.between?.(project);
  return [first, await project.drive(story.request)];
}

describe("a read counts by the place that was asked for", () => {
  test("a link that leads elsewhere is a change", async () => {
    const relink = (project: TestProject, target: string): void => {
      rmSync(project.path("latest.csv"), { force: true });
      symlinkSync(target, project.path("latest.csv"));
    };
    const [first, second] = await twice({
      body: `return fs.readFileSync(ctx.file("latest.csv"), "utf8");`,
      files: { "1.csv": "one", "2.csv": "two" },
      before: (project) => relink(project, "1.csv"),
      between: (project) => relink(project, "2.csv"),
    });
    expect(first.outputs["a"]?.value).toBe("one");
    expect(second.outputs["a"]?.value).toBe("two");
    expect(second.reasons["work"]).toBe("latest.csv changed");
  });

  test("so is a folder on the way that leads elsewhere", async () => {
    const relink = (project: TestProject, target: string): void => {
      rmSync(project.path("current"), { force: true });
      symlinkSync(target, project.path("current"));
    };
    const [, second] = await twice({
      body: `return fs.readFileSync(ctx.file("current/x"), "utf8");`,
      files: { "v1/x": "one", "v2/x": "two" },
      before: (project) => relink(project, "v1"),
      between: (project) => relink(project, "v2"),
    });
    expect(second.outputs["a"]?.value).toBe("two");
  });

  test("a link that leads to the same bytes is a hit", async () => {
    const [, second] = await twice({
      body: `return fs.readFileSync(ctx.file("latest.csv"), "utf8");`,
      files: { "1.csv": "one" },
      before: (project) => symlinkSync("1.csv", project.path("latest.csv")),
    });
    expect(second.reused).toEqual(["work"]);
  });

  test("a file that was asked for as a folder counts by its bytes", async () => {
    const [, second] = await twice({
      body: `return fs.readFileSync(ctx.directory("data"), "utf8");`,
      files: { data: "one" },
      between: (project) => project.write({ data: "two" }),
    });
    expect(second.outputs["a"]?.value).toBe("two");
  });

  test("a folder that was asked for as a file counts by what is in it", async () => {
    const body = `return fs.readdirSync(ctx.file("data"));`;
    const [, same] = await twice({ body, files: { "data/x": "1" } });
    expect(same.reused).toEqual(["work"]);
    const between = (project: TestProject): void => project.write({ "data/y": "2" });
    const [, changed] = await twice({ body, files: { "data/x": "1" }, between });
    expect(changed.outputs["a"]?.value).toEqual(["x", "y"]);
  });

  test("an empty folder inside is a change, for whoever lists", async () => {
    const [, second] = await twice({
      body: `return fs.readdirSync(ctx.directory("data"));`,
      files: { "data/x": "1" },
      between: (project) => mkdirSync(project.path("data/empty")),
    });
    expect(second.outputs["a"]?.value).toEqual(["empty", "x"]);
  });

  test("links to folders inside are followed", async () => {
    const story: Story = {
      body: `ctx.directory("data"); return fs.readFileSync("data/linked/x", "utf8");`,
      files: { "data/x": "1", "other/x": "one" },
      before: (project) => {
        symlinkSync("../other", project.path("data/linked"));
        symlinkSync(".", project.path("data/circle"));
      },
    };
    const [, same] = await twice(story);
    expect(same.reused).toEqual(["work"]);
    const [, changed] = await twice({ ...story, between: (project) => project.write({ "other/x": "two" }) });
    expect(changed.outputs["a"]?.value).toBe("two");
  });

  test("a variable called like what every object inherits is just not set", async () => {
    const [first, second] = await twice({ body: `return String(ctx.env("toString"));` });
    expect(first.outputs["a"]?.value).toBe("undefined");
    expect(second.reused).toEqual(["work"]);
  });
});

describe("what is read twice counts once", () => {
  test("absent as a file and as a folder", async () => {
    const body = `ctx.file("a"); ctx.directory("a"); return fs.existsSync("a");`;
    const [first, second] = await twice({ body });
    expect(first.outputs["a"]?.value).toBe(false);
    expect(second.reused).toEqual(["work"]);
    const [, appeared] = await twice({ body, between: (project) => mkdirSync(project.path("a")) });
    expect(appeared.outputs["a"]?.value).toBe(true);
  });

  test("a module that is imported under two URLs", async () => {
    const story: Story = {
      body: `const load = async (query: string) => (await import("./other.ts" + query)).x as number;
        return (await load("?1")) + (await load("?2"));`,
      files: { "other.ts": "export const x = 1;" },
      between: (project) => project.write({ "other.ts": "export const x = 2;" }),
    };
    const [first, second] = await twice(story);
    expect(first.outputs["a"]?.value).toBe(2);
    expect(second.outputs["a"]?.value).toBe(4);
  });
});

describe("what a step writes", () => {
  test("devices keep nothing", async () => {
    const [first, second] = await twice({ body: `fs.writeFileSync("/dev/null", "x"); return 1;` });
    expect(first.error).toBeUndefined();
    expect(second.reused).toEqual(["work"]);
  });

  test("its temporary folder is its own by its real path, too", async () => {
    const [, second] = await twice({
      body: `fs.writeFileSync(fs.realpathSync(ctx.tempDirectory) + "/x", "x"); return 1;`,
    });
    expect(second.reused).toEqual(["work"]);
  });

  test("a path that cannot be one fails as it does without us", async () => {
    const [first] = await twice({
      body: `return await fs.promises.writeFile(new URL("file://host/x"), "x").then(() => "done", () => "rejected");`,
    });
    expect(first.outputs["a"]?.value).toBe("rejected");
  });
});

describe("secrets", () => {
  const request: DriveRequest = { env: { API_KEY: "sk-123456" } };
  const input = `{ key: secret("API_KEY") }`;

  test("do not show in what is told of an error", async () => {
    const [first] = await twice({ body: `throw new Error("refused: " + input.key);`, input, request });
    expect(first.error?.message).toContain("refused: ***");
    expect(JSON.stringify(first.events)).not.toContain("sk-123456");
  });

  test("do not show in output, also when written in pieces", async () => {
    const body = `for (const letter of String(input.key)) process.stdout.write(letter); console.log(input.key); return 1;`;
    const [first] = await twice({ body, input, request });
    const shown = first.events.flatMap((event) => (event.kind === "step-output" ? event.text : [])).join("");
    expect(shown).toBe("******\n");
  });
});
