import { join } from "node:path";
import { describe, expect, test } from "vitest";
import type { CodeIdentity } from "../../../src/code-identity/code-identity.ts";
import type { Project } from "../project.ts";
import { adversarialCases } from "./adversarial-cases.ts";
import { adversarialProgram, applyEdits, editProgram } from "./case-program.ts";
import type { EditCase } from "./case-program.ts";
import { editCases } from "./edit-cases.ts";
import { fingerprintOf } from "./fingerprint.ts";
import type { Grain } from "./fingerprint.ts";

const entry = "src/pipeline.ts";
const nodeArgs = ["--import", join(import.meta.dirname, "fixtures/project-hooks.mjs")];
/** How the names of the steps begin that are made while the program runs; of several the first. */
const evaluated = { s3: "made", inline: "inline" } as const;

type Identified = Pick<CodeIdentity, "digest" | "unseen">;

/** Steps that capture values are evaluated, in a process of its own; the others are told by their sources. */
async function identityOf(project: Project, target: EditCase["target"], mode: Grain): Promise<Identified> {
  if (target === undefined) return fingerprintOf(project, { entry, step: "train" }, mode);
  const { rounds } = await project.probe({ entry, mode, nodeArgs });
  const [, identity] = Object.entries(rounds[0] ?? {}).find(([name]) => name.startsWith(evaluated[target])) ?? [];
  if (identity === undefined || identity.error !== undefined) throw new Error(identity?.error?.message ?? "no step");
  return identity;
}

function flagNames({ unseen }: Identified): readonly string[] {
  return unseen.map(({ name }) => name);
}

describe.each(["files", "symbols"] as const)("code: %s", (grain) => {
  const asked = (must: "change" | "stay"): boolean => must === "change" || grain !== "files";

  test.for(editCases.filter(({ must }) => asked(must)))(
    "$id: $words → $must",
    async ({ target, edits, must, flag }) => {
      const project = editProgram();
      const before = await identityOf(project, target, grain);
      const undo = applyEdits(project.root, edits);
      const after = await identityOf(project, target, grain);
      expect(after.digest === before.digest ? "stay" : "change").toBe(must);
      expect(flagNames(after)).toEqual(flag === undefined ? [] : [flag]);
      undo();
      expect((await identityOf(project, target, grain)).digest).toBe(before.digest);
    },
  );

  test.for(adversarialCases.filter(({ must }) => asked(must)))("$id: $words → $must", async (row) => {
    const project = adversarialProgram(row);
    const target = { entry: row.entry ?? "p.ts", file: "p.ts", step: "t" };
    const before = await fingerprintOf(project, target, grain);
    const undo = applyEdits(project.root, row.edits);
    const after = await fingerprintOf(project, target, grain);
    expect(after.digest === before.digest ? "stay" : "change").toBe(row.must);
    expect(flagNames(after)).toEqual([]);
    undo();
    expect((await fingerprintOf(project, target, grain)).digest).toBe(before.digest);
  });
});
