import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import fc from "fast-check";
import { transformSync } from "oxc-transform";
import { expect, test } from "vitest";
import { readUnits } from "../../../src/code-identity/symbols/read-units.ts";
import { CodeIdentityError } from "../../../src/errors.ts";

const FOLDER = "node_modules/zod/v4";
const FILES: readonly string[] = ["core", "classic", "mini"].flatMap((folder) =>
  readdirSync(join(FOLDER, folder))
    .filter((name) => name.endsWith(".js"))
    .map((name) => join(FOLDER, folder, name)),
);

/** Whatever a key could be made of. Undefined for what cannot be parsed. */
function signatureOf(path: string, text: string): string | undefined {
  try {
    const { units, bindings, exports, stars, requests } = readUnits(path, text, []);
    const parts = units.map(({ own, references, names, kind }) => [own, references, names, kind]);
    const requested = requests.map(({ specifier, request }) => [specifier, request]);
    return JSON.stringify([parts, [...bindings], [...exports], stars, requested]);
  } catch (error) {
    if (error instanceof CodeIdentityError) return undefined;
    throw error;
  }
}

const OPERATORS: Readonly<Record<string, string>> = {
  "+": "-",
  "-": "+",
  "*": "/",
  "===": "!==",
  "!==": "===",
  "<": ">=",
  ">": "<=",
  "&&": "||",
  "||": "&&",
  "??": "||",
  "!": "-",
  "=": "+=",
};

const TOKEN =
  /\/\*[\s\S]*?\*\/|\/\/[^\n]*|"(?:[^"\\\n]|\\.)*"|'(?:[^'\\\n]|\\.)*'|`(?:[^`\\]|\\.)*`|[A-Za-z_$][\w$]*|\d[\w.]*|=>|[-+*/%&|^<>=!?]+/g;

function mutate(token: string): string {
  if (/^["'`]/.test(token)) return `${token.charAt(0)}zz${token.slice(1)}`;
  if (/^\d/.test(token)) return token === "7" ? "8" : "7";
  return OPERATORS[token] ?? (/^[\w$]/.test(token) ? `${token}Zz` : "-");
}

test("every change of one token of a program is a difference", () => {
  const unseen: string[] = [];
  let seen = 0;
  const files = FILES.map((path) => ({ path, text: readFileSync(path, "utf8") })).filter(
    ({ text }) => text.length < 60_000,
  );
  for (const [index, { path, text }] of files.entries()) {
    const before = signatureOf(path, text);
    const tokens = [...text.matchAll(TOKEN)].filter(([token]) => !token.startsWith("//") && !token.startsWith("/*"));
    for (let step = 0; step < 25; step++) {
      const match = tokens[(step * 7919 + index * 104_729) % tokens.length];
      if (match === undefined) continue;
      const [token] = match;
      const mutated = text.slice(0, match.index) + mutate(token) + text.slice(match.index + token.length);
      const after = signatureOf(path, mutated);
      if (after === undefined) continue;
      if (after === before) unseen.push(`${path}@${match.index} ${token}`);
      else seen++;
    }
  }
  expect(unseen).toEqual([]);
  expect(seen).toBeGreaterThan(300);
});

test("programs printed anew without comments are no difference", () => {
  let count = 0;
  for (const path of FILES) {
    const text = readFileSync(path, "utf8");
    const { code, errors } = transformSync(path, text, { target: "esnext", sourceType: "module" });
    expect(errors).toEqual([]);
    expect([path, signatureOf(path, code.replace(/^\s*\/\*[\s\S]*?\*\/|^\s*\/\/.*$/gm, ""))]).toEqual([
      path,
      signatureOf(path, text),
    ]);
    count++;
  }
  expect(count).toBeGreaterThan(20);
});

/** Small programs, of which many differ only in how things are grouped, named or quoted. */
const expression = fc.letrec<{ readonly any: string }>((tie) => ({
  any: fc.oneof(
    { depthSize: "small", withCrossShrink: true },
    fc.constantFrom("a", "b", "p", "q", "1", "12", "null", "this", "undefined"),
    fc
      .string({ maxLength: 4, unit: fc.constantFrom(";", ":", "1", "2", "[", "@", "L", "\\ud800", "e", "-") })
      .map((s) => `"${s}"`),
    fc
      .tuple(tie("any"), fc.constantFrom("+", "-", ",", "&&", "??="), tie("any"))
      .map(([l, op, r]) => (op === "??=" ? `(p ??= ${r})` : `(${l} ${op} ${r})`)),
    fc.array(tie("any"), { maxLength: 3 }).map((all) => `[${all.join(", ")}]`),
    fc.tuple(tie("any"), fc.constantFrom(".x", ".xy", "?.x", "[0]", "()", "?.()")).map(([e, tail]) => `(${e})${tail}`),
    fc.tuple(fc.constantFrom("x", "xy", "[p]"), tie("any")).map(([key, e]) => `({ ${key}: ${e} })`),
    fc
      .tuple(fc.constantFrom("", "async "), fc.constantFrom("p", "q", "...p", "[p]", "{ p }"), tie("any"))
      .map(([head, p, e]) => `(${head}(${p}) => (${e}))`),
    fc.tuple(tie("any"), tie("any")).map(([l, r]) => `\`\${${l}}x\${${r}}\``),
  ),
})).any;

/** The program as the printer of another project writes it: equal for equal programs, but for names of locals. */
function printed(text: string): string {
  return transformSync("a.js", text, { target: "esnext", sourceType: "module" }).code;
}

test("programs that print differently have different tokens, as long as they name their locals alike", () => {
  const known = new Map<string, string>();
  fc.assert(
    fc.property(expression, (body) => {
      const text = `export const f = (p, q) => [${body}];`;
      const signature = signatureOf("a.js", text);
      if (signature === undefined) return;
      const normal = alphaNormal(printed(text));
      const other = known.get(signature);
      known.set(signature, normal);
      expect(other ?? normal).toBe(normal);
    }),
    { numRuns: 3000, seed: 20 },
  );
  expect(known.size).toBeGreaterThan(800);
});

/** Parameters are called `p` or `q` everywhere, so swapping the two is the one renaming that keeps a meaning. */
function alphaNormal(text: string): string {
  return /[^\w"]q\b/.test(text) ? text.replaceAll(/\b[pq]\b/g, "_") : text.replaceAll(/\bp\b/g, "_");
}

test("odd sources are read, or refused by name", () => {
  const long = Array.from({ length: 20_000 }, () => "a").join(" + ");
  expect(readUnits("a.js", `export const x = () => ${long};`, ["x"]).roots.size).toBe(1);
  const branches = Array.from({ length: 3000 }, (_, index) => `if (x === ${index}) return ${index};`).join(" else ");
  expect(readUnits("a.js", `function f(x) { ${branches} }`, ["f"]).roots.size).toBe(1);
  const deep = "[".repeat(20_000) + "]".repeat(20_000);
  expect(() => readUnits("deep.js", `const x = ${deep};`, [])).toThrow(/deep\.js/);
  expect(() => readUnits("bad.ts", "const = 1;", [])).toThrow(/bad\.ts:1:7/);
  expect(readUnits("empty.ts", "", []).units).toEqual([]);
  expect(signatureOf("a.js", `const x = "\\ud800";`)).not.toBe(signatureOf("a.js", `const x = "\\ud801";`));
});
