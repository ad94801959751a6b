import type { Change, MutationKind } from "../mutation.ts";
import type { ParsedProgram } from "../parsed-program.ts";
import type { Random } from "../random.ts";
import { aboutFile } from "./node-kind.ts";

type Json = null | boolean | number | string | Json[] | { [key: string]: Json };

/** An edit of one of the files whose paths a pattern fits. */
function fileKind(
  name: string,
  equivalent: boolean,
  pattern: RegExp,
  edit: (text: string, random: Random, path: string, program: ParsedProgram) => string | undefined,
): MutationKind {
  return {
    name,
    equivalent,
    mutate: (program, random): Change | undefined => {
      const { files } = program.program;
      const paths = Object.keys(files).filter((path) => pattern.test(path));
      if (paths.length === 0) return undefined;
      const path = random.pick(paths);
      const text = edit(files[path] ?? "", random, path, program);
      return text === undefined || text === files[path]
        ? undefined
        : { edits: { [path]: text }, about: aboutFile(path) };
    },
  };
}

const DATA = /^(?!node_modules\/)(?!.*(?:package|tsconfig)\.json$).*\.json$/;
const PACKAGE = /^node_modules\/(?!warmstart\/)(?:@[^/]+\/)?[^/]+\/package\.json$/;

function editedJson(value: Json, random: Random): Json {
  if (Array.isArray(value) && value.length > 0) {
    const at = random.below(value.length);
    return value.map((item, index) => (index === at ? editedJson(item, random) : item));
  }
  if (typeof value === "object" && value !== null && Object.keys(value).length > 0) {
    const entries = Object.entries(value);
    const [key] = random.pick(entries);
    return Object.fromEntries(entries.map(([name, item]) => [name, name === key ? editedJson(item, random) : item]));
  }
  if (typeof value === "number") return value + 1;
  if (typeof value === "string") return `${value}~`;
  return value === true ? false : 1;
}

function reordered(value: Json): Json {
  if (Array.isArray(value)) return value.map(reordered);
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(
    Object.entries(value)
      .toReversed()
      .map(([key, item]) => [key, reordered(item)]),
  );
}

function bumped(manifest: string): string {
  return manifest.replace(
    /("version":\s*"\d+\.\d+\.)(\d+)/,
    (_all, head: string, patch: string) => `${head}${Number(patch) + 1}`,
  );
}

/** A package as its next version would be: other code, another number. */
const packageReleased: MutationKind = {
  name: "package version",
  equivalent: false,
  mutate: (program, random) => {
    const { files } = program.program;
    const manifests = Object.keys(files).filter((path) => PACKAGE.test(path));
    if (manifests.length === 0) return undefined;
    const manifest = random.pick(manifests);
    const code = manifest.replace("package.json", "index.js");
    const edited = (files[code] ?? "").replace(/(=> ?|= )(?=[^>;{]+;)/, (arrow) => `${arrow}0 ?? `);
    const packageName = manifest.slice("node_modules/".length, -"/package.json".length);
    return {
      edits: { [manifest]: bumped(files[manifest] ?? ""), [code]: edited },
      about: { ...aboutFile(manifest), packageName },
    };
  },
};

const strayFile: MutationKind = {
  name: "unrelated file added",
  equivalent: true,
  mutate: (_program, random) => {
    const path = random.pick(["stray.ts", "src/stray.ts", "notes.md", "other/deep/stray.js"]);
    return {
      edits: { [path]: `export const stray = ${random.below(100)};\nglobalThis.stray = 1;\n` },
      about: aboutFile(path),
    };
  },
};

/** Edits of what is no code. */
export const fileKinds: readonly MutationKind[] = [
  fileKind("JSON value", false, DATA, (text, random) =>
    JSON.stringify(editedJson(JSON.parse(text) as Json, random), null, 2),
  ),
  fileKind("JSON keys reordered", false, DATA, (text) => JSON.stringify(reordered(JSON.parse(text) as Json), null, 2)),
  fileKind("JSON reformatted", true, DATA, (text, random) =>
    JSON.stringify(JSON.parse(text), null, random.pick([0, 1, 4])).concat(random.pick(["", "\n", "\n\n"])),
  ),
  fileKind("text asset", false, /^(?!node_modules\/).*\.(?:txt|sql)$/, (text, random) => {
    const at = random.below(text.length);
    return `${text.slice(0, at)}~${text.slice(at + random.below(2))}`;
  }),
  packageReleased,
  fileKind("version of an unused package", true, /^node_modules\/unused\/package\.json$/, bumped),
  fileKind("text that nothing reads", true, /\.md$/, (text, random) => `${text}more ${random.below(100)}\n`),
  fileKind("compiler option that emits nothing", true, /^tsconfig\.json$/, (text) =>
    text.replace(/("compilerOptions":\s*\{)/, '$1 "noUnusedParameters": true,'),
  ),
  fileKind("compiler option that emits", false, /^tsconfig\.json$/, (text, random) =>
    text.replace(/("target":\s*")[^"]+/i, `$1${random.pick(["es2020", "es2021", "es2023"])}`),
  ),
  strayFile,
];
