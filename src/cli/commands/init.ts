import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import path from "node:path";
import { RepositoryError } from "../../errors.ts";
import type { CommandCall } from "../command-spec.ts";
import { EXIT_CODES } from "../exit-codes.ts";
import { writeDocument } from "../json-document.ts";

const FILE = path.join("pipelines", "hello.ts");

/** The first pipeline: two steps and a parameter. */
export const FIRST_PIPELINE = `import { pipeline, step } from "warmstart";

const load = step("load", ({ rows }: { rows: number }) => Array.from({ length: rows }, (_, i) => ({ id: i, late: i % 5 === 0 })));
const rate = step("rate", ({ flights }: { flights: { late: boolean }[] }) => flights.filter((f) => f.late).length / flights.length);

export default pipeline("hello", ({ rows = 100_000 }: { rows?: number }) => ({
  rate: rate({ flights: load({ rows }) }),
}));
`;

/** `warmstart init [FOLDER]`: its document is `{ file, written }`. Nothing that is there is ever overwritten. */
export async function init({ parsed, terminal, cwd }: CommandCall): Promise<number> {
  const folder = path.resolve(cwd, parsed.arguments[0] ?? ".");
  const file = path.join(folder, FILE);
  const written = writeNew(file);
  if (parsed.flag("json")) {
    writeDocument(terminal, "init", { file, written });
    return EXIT_CODES.ok;
  }
  const where = path.relative(cwd, file);
  terminal.out(written ? `Wrote ${where}.` : `${where} is there already and was left as it is.`);
  for (const line of nextSteps(folder, cwd)) terminal.out(line);
  return EXIT_CODES.ok;
}

function nextSteps(folder: string, cwd: string): readonly string[] {
  const there = path.relative(cwd, folder);
  return [
    ...hints(folder),
    "",
    "Type next:",
    "",
    ...(there === "" ? [] : [`  cd ${there}`]),
    "  npx warmstart run                    computes both steps",
    "  npx warmstart run                    reuses both",
    "  npx warmstart run --param rows=2000  says why it computes again",
  ];
}

function hints(folder: string): readonly string[] {
  const file = path.join(folder, "package.json");
  if (!existsSync(file)) return ["There is no package.json here: `npm init -y && npm install warmstart` makes one."];
  const manifest = readManifest(file);
  return [
    ...(manifest["type"] === "commonjs"
      ? ['package.json says "type": "commonjs". That is fine here; plain `node` on a pipeline needs "type": "module".']
      : []),
    ...(existsSync(path.join(folder, "node_modules", "warmstart"))
      ? []
      : ["Install the package: `npm install warmstart`."]),
  ];
}

function readManifest(file: string): Readonly<Record<string, unknown>> {
  try {
    const parsed: unknown = JSON.parse(readFileSync(file, "utf8"));
    return typeof parsed === "object" && parsed !== null ? { ...parsed } : {};
  } catch {
    // What is wrong with it is for npm to say; here it only means that no hint can be taken from it.
    return {};
  }
}

function writeNew(file: string): boolean {
  try {
    mkdirSync(path.dirname(file), { recursive: true });
    writeFileSync(file, FIRST_PIPELINE, { flag: "wx" });
    return true;
  } catch (error) {
    const code = error instanceof Error && "code" in error ? String(error.code) : "";
    if (code === "EEXIST" && existsSync(file)) return false;
    throw new RepositoryError("WS_READ_ONLY", {
      message: `${file} cannot be written (${code}).`,
      hint: "Choose a folder that this user may write to: `warmstart init FOLDER`.",
      cause: error,
    });
  }
}
