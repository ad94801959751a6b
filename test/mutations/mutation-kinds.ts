import { declarationKinds } from "./kinds/declaration-kinds.ts";
import { expressionKinds } from "./kinds/expression-kinds.ts";
import { fileKinds } from "./kinds/file-kinds.ts";
import { layoutKinds } from "./kinds/layout-kinds.ts";
import { moduleKinds } from "./kinds/module-kinds.ts";
import { neutralKinds } from "./kinds/neutral-kinds.ts";
import { writeKinds } from "./kinds/write-kinds.ts";
import { isCode, parseSource } from "../../src/code-identity/syntax.ts";
import type { Change, Mutation, MutationKind } from "./mutation.ts";
import type { ParsedProgram } from "./parsed-program.ts";
import { Random } from "./random.ts";

/** Groups are as likely as each other, whatever their number of kinds. */
const groups: readonly (readonly MutationKind[])[] = [
  expressionKinds,
  declarationKinds,
  moduleKinds,
  writeKinds,
  fileKinds,
  layoutKinds,
  neutralKinds,
];

const MOST_TRIES = 200;

/** The mutation with a number: it depends on the seed, the number and the programs alone. */
export function mutationAt(seed: number, index: number, programs: readonly ParsedProgram[]): Mutation {
  const random = Random.at(seed, index);
  for (let tries = 0; tries < MOST_TRIES; tries++) {
    const program = random.pick(programs);
    const kind = random.pick(random.pick(groups));
    const change = kind.mutate(program, random);
    if (change === undefined || !isEdit(change, program)) continue;
    return { ...change, index, kind: kind.name, equivalent: kind.equivalent, program };
  }
  throw new Error(`no mutation was found for seed ${seed} at ${index}`);
}

/** Whether something is edited, and every edited module can be parsed. */
function isEdit({ edits }: Change, { program }: ParsedProgram): boolean {
  return Object.entries(edits).every(([path, text]) => {
    if (text === null || text === program.files[path]) return false;
    if (!isCode(path)) return true;
    try {
      parseSource(path, text);
      return true;
    } catch {
      // Not every edit at a node gives a program; another one is made instead.
      return false;
    }
  });
}
