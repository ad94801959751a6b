import { TestProject } from "../rig/project.ts";

export interface TwoSteps {
  /** Statements before the steps. */
  readonly head?: string;
  /** The function of the step `other`; `good` reaches nothing. */
  readonly other?: string;
  /** `other` starts when `good` has ended, and gets the same input as without. */
  readonly inTurn?: boolean;
  readonly files?: Readonly<Record<string, string>>;
}

export const useHelper = "({ n }: { n: number }) => help(n)";
export const importHelper = 'import { help } from "./helper.ts";';
export const plain = "({ n }: { n: number }) => n * 2";

/** A step that imports something while it runs, and gives the error's code or name where that fails. */
export function lazily(what: string): string {
  return `async ({ n }: { n: number }) => {
    try { return await ${what}; } catch (error) { return (error as any).code ?? (error as Error).name; }
  }`;
}

/** A project with a step that reaches what is bad, and one that does not. */
export function twoSteps({ head = "", other = plain, inTurn = false, files = {} }: TwoSteps): TestProject {
  const text = `import { pipeline, step } from "warmstart";
${head}
const good = step("good", ({ n }: { n: number }) => n + 1);
const other = step("other", ${other});
export default pipeline("p", {}, () => { const a = good({ n: 1 }); return { a, b: other({ n: ${inTurn ? "a" : "2"} }) }; });
`;
  return new TestProject({ "pipeline.ts": text, ...files });
}
