import { describe, expect, test } from "vitest";
import type { SymbolClosure } from "../../../src/code-identity/symbols/symbol-closure.ts";
import { adversarialCases } from "./adversarial-cases.ts";
import { adversarialProgram, applyEdits, editProgram } from "./case-program.ts";
import type { CaseEdits } from "./case-program.ts";
import { editCases } from "./edit-cases.ts";
import { closureIn, codeOf } from "./symbol-program.ts";

/** Versions of packages are leaves of their own, beside the graph. */
function isOfPackages(edits: CaseEdits): boolean {
  return Object.keys(edits).some((path) => path.startsWith("node_modules/"));
}

function changeOf(before: SymbolClosure, after: SymbolClosure): string {
  return codeOf(before) === codeOf(after) ? "stay" : "change";
}

describe("the graph alone", () => {
  const written = editCases.filter(({ target, edits }) => target === undefined && !isOfPackages(edits));

  test.for(written)("$id: $words → $must", ({ edits, must, flag }) => {
    const project = editProgram();
    const closure = (): SymbolClosure => closureIn(project.root, "src/pipeline.ts#train/step(train)");
    const before = closure();
    const undo = applyEdits(project.root, edits);
    const after = closure();
    expect(changeOf(before, after)).toBe(must);
    expect(after.unseen.map(({ name }) => name)).toEqual(flag === undefined ? [] : [flag]);
    undo();
    expect(closure()).toEqual(before);
  });

  test.for(adversarialCases)("$id: $words → $must", (row) => {
    const project = adversarialProgram(row);
    const closure = (): SymbolClosure => closureIn(project.root, "p.ts#t/step(t)", row.entry);
    const before = closure();
    const undo = applyEdits(project.root, row.edits);
    const after = closure();
    expect(changeOf(before, after)).toBe(row.must);
    expect(after.unseen).toEqual([]);
    undo();
    expect(closure()).toEqual(before);
  });
});
