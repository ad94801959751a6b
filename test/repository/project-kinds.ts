/** An ordinary TypeScript project with a pipeline of two steps, whose parameter `size` makes it fail when negative. */
export interface ProjectKind {
  readonly files: Readonly<Record<string, string>>;
  readonly pipeline: string;
  /** The only result, as shown. */
  readonly shown: string;
  /** An edit of a module that is reached through this kind's specifiers, and the result it leads to. */
  readonly edited: { readonly file: string; readonly from: string; readonly to: string; readonly shown: string };
  /** The module whose code throws for a negative size. */
  readonly throwsIn: string;
}

const MODULE = '{ "name": "fixture", "private": true, "type": "module" }';

function tsconfig(compilerOptions: Readonly<Record<string, unknown>>): string {
  return JSON.stringify({ compilerOptions });
}

/** Two steps: one makes rows, the next gives them to `work`, which the project's modules define. */
function twoSteps(imports: string, work = "work(rows)"): string {
  return `${imports}
const rows = step("rows", ({ size }: { size: number }) => [size, size + 1]);
const use = step("use", ({ rows }: { rows: number[] }) => ${work});

export default pipeline("kinds", ({ size = 1 }: { size?: number }) => ({ out: use({ rows: rows({ size }) }) }));
`;
}

const checked = `export function checked(rows: readonly number[]): readonly number[] {
  // A comment, and a type that takes lines away.
  interface Row {
    readonly value: number;
  }
  const all: readonly Row[] = rows.map((value) => ({ value }));
  if (all.some(({ value }) => value < 0)) throw new RangeError("a negative row");
  return rows;
}
`;

export const projectKinds: Readonly<Record<string, ProjectKind>> = {
  "a nodenext project with .js specifiers": {
    files: {
      "package.json": MODULE,
      "tsconfig.json": tsconfig({ module: "nodenext", target: "es2023", strict: true }),
      "src/pipeline.ts": twoSteps('import { pipeline, step } from "warmstart";\nimport { work } from "./work.js";'),
      "src/work.ts": `import { checked } from "./lib/checked.js";
import { factor } from "./lib/factor.mjs";
export const work = (rows: number[]): number => checked(rows).reduce((a, b) => a + b, 0) * factor;
`,
      "src/lib/checked.ts": checked,
      "src/lib/factor.mts": "export const factor: number = 10;\n",
    },
    pipeline: "src/pipeline.ts",
    shown: "30",
    edited: { file: "src/lib/factor.mts", from: "10", to: "100", shown: "300" },
    throwsIn: "src/lib/checked.ts",
  },
  "a bundler's project with extensionless specifiers, paths and index files": {
    files: {
      "package.json": MODULE,
      "tsconfig.json": tsconfig({ moduleResolution: "bundler", module: "esnext", paths: { "@/*": ["./src/*"] } }),
      "pipelines/sum.ts": twoSteps('import { pipeline, step } from "warmstart";\nimport { work } from "@/work";'),
      "src/work.ts": `import { checked } from "./checked";
import { sum } from "@/maths";
export const work = (rows: number[]): number => sum(checked(rows));
`,
      "src/checked.ts": checked,
      "src/maths/index.ts": 'export { sum } from "./sum";\n',
      "src/maths/sum.ts": "export const sum = (rows: readonly number[]): number => rows.reduce((a, b) => a + b, 0);\n",
    },
    pipeline: "pipelines/sum.ts",
    shown: "3",
    edited: { file: "src/maths/sum.ts", from: "a + b, 0", to: "a + b, 40", shown: "43" },
    throwsIn: "src/checked.ts",
  },
  "enums, parameter properties, namespaces and legacy decorators": {
    files: {
      "package.json": MODULE,
      "tsconfig.json": tsconfig({ module: "nodenext", target: "es2022", experimentalDecorators: true }),
      "pipeline.ts": twoSteps('import { pipeline, step } from "warmstart";\nimport { work } from "./work.js";'),
      "work.ts": `import { Rounding, Units } from "./units.js";

function twice(_target: object, _name: string, property: PropertyDescriptor): void {
  const method = property.value as (this: Counter, rows: number[]) => number;
  property.value = function (this: Counter, rows: number[]): number {
    return 2 * method.call(this, rows);
  };
}

class Counter {
  constructor(
    private readonly factor: number,
    readonly rounding: Rounding,
  ) {}

  @twice
  count(rows: number[]): number {
    if (rows.some((row) => row < 0)) throw new RangeError("a negative row");
    const sum = rows.reduce((a, b) => a + b, 0) * this.factor;
    return this.rounding === Rounding.Up ? Math.ceil(sum) : Math.floor(sum);
  }
}

export const work = (rows: number[]): number => new Counter(Units.scale, Rounding.Up).count(rows);
`,
      "units.ts": `export enum Rounding {
  Down,
  Up = "up",
}
export namespace Units {
  export const scale = 1.5;
}
`,
    },
    pipeline: "pipeline.ts",
    shown: "10",
    edited: { file: "units.ts", from: "1.5", to: "2", shown: "12" },
    throwsIn: "work.ts",
  },
  "JSX with a factory of its own": {
    files: {
      "package.json": MODULE,
      "tsconfig.json": tsconfig({ module: "nodenext", jsx: "react", jsxFactory: "h", jsxFragmentFactory: "Fragment" }),
      "pipeline.tsx": twoSteps(
        'import { pipeline, step } from "warmstart";\nimport { List } from "./list.js";\nimport { Fragment, h } from "./h.js";',
        "<List rows={rows}><b>end</b></List>",
      ),
      "list.tsx": `import { Fragment, h } from "./h.js";
interface Props { readonly rows: number[]; readonly children?: string }
export function List({ rows, children }: Props): string {
  if (rows.some((row) => row < 0)) throw new RangeError("a negative row");
  return <><i title="all">{rows.join(" ")}</i>{children}</>;
}
`,
      "h.ts": `type Props = Readonly<Record<string, unknown>> | null;
export const Fragment = ({ children }: { children: string }): string => children;
export function h(tag: string | ((props: never) => string), props: Props, ...children: string[]): string {
  const inside = children.join("");
  return typeof tag === "function" ? tag({ ...props, children: inside } as never) : \`<\${tag}>\${inside}</\${tag}>\`;
}
`,
    },
    pipeline: "pipeline.tsx",
    shown: '"<i>1 2</i><b>end</b>"',
    edited: { file: "h.ts", from: 'children.join("")', to: 'children.join("-")', shown: '"<i>1 2</i>-<b>end</b>"' },
    throwsIn: "list.tsx",
  },
  "JSX by a runtime module that no source imports": {
    files: {
      "package.json": MODULE,
      "tsconfig.json": tsconfig({
        module: "esnext",
        moduleResolution: "bundler",
        jsx: "react-jsx",
        jsxImportSource: "ours",
        paths: { "ours/*": ["./ours/*"] },
      }),
      "pipeline.tsx": twoSteps(
        'import { pipeline, step } from "warmstart";\nimport { checked } from "./checked";',
        '<p>{checked(rows).join(" ")}</p>',
      ),
      "checked.ts": checked,
      "ours/jsx-runtime.ts":
        "export const jsx = (tag: string, { children }: { children: string }): string => `<${tag}>${children}</${tag}>`;\n",
    },
    pipeline: "pipeline.tsx",
    shown: '"<p>1 2</p>"',
    edited: { file: "ours/jsx-runtime.ts", from: "`<${tag}>$", to: "`<${tag} hidden>$", shown: '"<p hidden>1 2</p>"' },
    throwsIn: "checked.ts",
  },
  "imports of types that do not say so": {
    files: {
      "package.json": MODULE,
      "tsconfig.json": tsconfig({ module: "nodenext", target: "es2023" }),
      "pipeline.ts": twoSteps(
        'import { pipeline, step, Output } from "warmstart";\nimport { Rows, work } from "./work.ts";\nimport { type Unused } from "./types.ts";\nexport type Handle = Output<Rows | Unused>;',
      ),
      "work.ts": `import { checked } from "./checked.ts";
import { Only } from "./types.ts";
import Shape, { type Unused } from "./types.ts";
export interface Rows extends Array<number> {}
export const work = (rows: Rows & (Only | Shape | Unused | object)): number => checked(rows).length;
`,
      "checked.ts": checked,
      "types.ts": "export type Only = object;\nexport type Unused = 1;\nexport default interface Shape {}\n",
    },
    pipeline: "pipeline.ts",
    shown: "2",
    edited: { file: "checked.ts", from: "return rows", to: "return [...rows, 0]", shown: "3" },
    throwsIn: "checked.ts",
  },
  'a package without "type"': commonJsPackage('{ "name": "fixture", "private": true }'),
  'a package of "type": "commonjs" whose TypeScript is written as ES modules': commonJsPackage(
    '{ "name": "fixture", "private": true, "type": "commonjs" }',
  ),
};

function commonJsPackage(manifest: string): ProjectKind {
  return {
    files: {
      "package.json": manifest,
      "tsconfig.json": tsconfig({ module: "commonjs", moduleResolution: "bundler", esModuleInterop: true }),
      "pipeline.ts": twoSteps('import { pipeline, step } from "warmstart";\nimport { work } from "./src/work";'),
      "src/work.ts": `import { join } from "node:path";
import { checked } from "./checked";
import old from "./old";
export const work = (rows: number[]): string => join(checked(rows).join("/"), old.name);
`,
      "src/checked.ts": checked,
      "src/old.ts": 'const old: { name: string } = { name: "old" };\nexport default old;\n',
    },
    pipeline: "pipeline.ts",
    shown: '"1/2/old"',
    edited: { file: "src/old.ts", from: '"old"', to: '"new"', shown: '"1/2/new"' },
    throwsIn: "src/checked.ts",
  };
}
