import { randomBytes, randomUUID } from "node:crypto";
import {
  accessSync,
  constants,
  existsSync,
  linkSync,
  mkdirSync,
  readFileSync,
  readdirSync,
  renameSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import path from "node:path";
import { RepositoryError } from "../errors.ts";

/** The version of the folder's layout; a newer one is refused. */
export const REPOSITORY_FORMAT = 1;

/** Where everything of a repository lies; all absolute. */
export interface RepositoryLayout {
  readonly folder: string;
  readonly metadataFile: string;
  readonly artifactFolder: string;
  readonly temporaryFolder: string;
  readonly asideFolder: string;
  /** Digests of sources and of data files by stamp; losing them costs time only. */
  readonly sourceStamps: string;
  readonly dataStamps: string;
  /** Copies of file values that were loaded outside a step. */
  readonly filesFolder: string;
  /** For HMACs; never leaves the folder. */
  readonly secretKey: string;
  readonly id: string;
  /** True when this call made the folder. */
  readonly created: boolean;
}

/** File systems without hard links answer so. */
const noHardLinks: ReadonlySet<string> = new Set(["EPERM", "ENOTSUP", "EOPNOTSUPP", "ENOSYS"]);

const MARK = "repository.json";

interface Mark {
  readonly format: number;
  readonly id: string;
}

/**
 * Opens the folder of a repository, and makes it when it is not there.
 *
 * @throws RepositoryError `WS_REPOSITORY_FOREIGN` for a folder with something else in it, `WS_FORMAT_NEWER`,
 * `WS_READ_ONLY`, `WS_NO_SPACE`, `WS_REPOSITORY_UNUSABLE`. Nothing that was there is changed.
 */
export function openLayout(folder: string): RepositoryLayout {
  try {
    const known = readMark(folder);
    if (known !== undefined) return layoutOf(folder, known, false);
    const made: Mark = { format: REPOSITORY_FORMAT, id: randomUUID() };
    const mark = create(folder, made);
    return layoutOf(folder, mark, mark.id === made.id);
  } catch (error) {
    throw explained(folder, error);
  }
}

/**
 * Makes sure that the folder is still the one that was opened.
 *
 * @throws RepositoryError (`WS_REPOSITORY_GONE`) when it was deleted or replaced meanwhile.
 */
export function requireLayout({ folder, id }: RepositoryLayout): void {
  if (readMark(folder)?.id === id) return;
  throw new RepositoryError("WS_REPOSITORY_GONE", {
    message: `The repository ${folder} was deleted or replaced while it was in use, so this run is not recorded.`,
    hint: "Run again: what is gone is computed anew.",
  });
}

function readMark(folder: string): Mark | undefined {
  const file = path.join(folder, MARK);
  if (!existsSync(file)) return undefined;
  const mark = parseMark(folder, readFileSync(file, "utf8"));
  if (mark.format > REPOSITORY_FORMAT) {
    throw new RepositoryError("WS_FORMAT_NEWER", {
      message: `The repository ${folder} has format ${mark.format}; this Warmstart knows formats up to ${REPOSITORY_FORMAT}.`,
      hint: "Use the newer Warmstart that made it, or another folder (WARMSTART_REPOSITORY).",
      details: { format: mark.format },
    });
  }
  return mark;
}

function parseMark(folder: string, text: string): Mark {
  try {
    const parsed: unknown = JSON.parse(text);
    if (typeof parsed === "object" && parsed !== null && "format" in parsed && "id" in parsed) {
      const { format, id } = parsed;
      if (typeof format === "number" && typeof id === "string") return { format, id };
    }
  } catch (cause) {
    throw foreign(folder, `its ${MARK} is not readable`, cause);
  }
  throw foreign(folder, `its ${MARK} is not one of Warmstart's`);
}

/** Returns the mark that is there in the end: of two processes at once, that of one. */
function create(folder: string, mark: Mark): Mark {
  makeFolder(folder);
  const others = readdirSync(folder).filter((name) => !isOwnLeftover(name));
  if (others.length > 0) {
    // Another process may have made it since, and gone on.
    const known = readMark(folder);
    if (known !== undefined) return known;
    throw foreign(folder, `it holds ${others.slice(0, 5).join(", ")} and no ${MARK}`);
  }
  writeFileSync(
    path.join(folder, ".gitignore"),
    "# Made by Warmstart: nothing in here belongs into version control.\n*\n",
  );
  writeSecretKey(folder);
  return writeMark(folder, mark);
}

function makeFolder(folder: string): void {
  try {
    mkdirSync(folder, { recursive: true });
  } catch (error) {
    let parent = path.dirname(folder);
    while (!existsSync(parent)) parent = path.dirname(parent);
    // Says what is wrong where a read-only file system is told as ENOENT.
    accessSync(parent, constants.W_OK);
    throw error;
  }
}

/** What a creation that was interrupted, or runs at this moment in another process, has made so far. */
function isOwnLeftover(name: string): boolean {
  return name === ".gitignore" || name === "secret.key" || name === MARK || name.endsWith(".making");
}

function writeSecretKey(folder: string): void {
  const file = path.join(folder, "secret.key");
  if (!existsSync(file)) placeNew(file, `${randomBytes(32).toString("hex")}\n`);
}

/** A key that was lost is made anew: what read the environment is then computed again. */
function readSecretKey(folder: string): string {
  writeSecretKey(folder);
  const key = readFileSync(path.join(folder, "secret.key"), "utf8").trim();
  if (/^[0-9a-f]{64}$/.test(key)) return key;
  throw new RepositoryError("WS_REPOSITORY_UNUSABLE", {
    message: `The repository ${folder} cannot be opened: its secret.key is damaged.`,
    hint: `Delete ${path.join(folder, "secret.key")}: a new one is made, and steps that read the environment run again.`,
  });
}

function writeMark(folder: string, mark: Mark): Mark {
  placeNew(path.join(folder, MARK), `${JSON.stringify(mark)}\n`);
  return parseMark(folder, readFileSync(path.join(folder, MARK), "utf8"));
}

/** Written whole; of two processes that make one repository at once, both then read the same file. */
function placeNew(file: string, text: string): void {
  const making = `${file}.${randomUUID()}.making`;
  try {
    writeFileSync(making, text, { mode: 0o600, flag: "wx" });
    linkWithoutReplacing(making, file);
  } finally {
    rmSync(making, { force: true });
  }
}

function linkWithoutReplacing(from: string, to: string): void {
  try {
    linkSync(from, to);
  } catch (error) {
    if (existsSync(to)) return;
    if (!(error instanceof Error && "code" in error) || !noHardLinks.has(String(error.code))) throw error;
    renameSync(from, to);
  }
}

function layoutOf(folder: string, mark: Mark, created: boolean): RepositoryLayout {
  return {
    folder,
    metadataFile: path.join(folder, "metadata.sqlite"),
    artifactFolder: path.join(folder, "artifacts"),
    temporaryFolder: path.join(folder, "tmp"),
    asideFolder: path.join(folder, "aside"),
    sourceStamps: path.join(folder, "stamps", "sources"),
    dataStamps: path.join(folder, "stamps", "data"),
    filesFolder: path.join(folder, "files"),
    secretKey: readSecretKey(folder),
    id: mark.id,
    created,
  };
}

function foreign(folder: string, why: string, cause?: unknown): RepositoryError {
  return new RepositoryError("WS_REPOSITORY_FOREIGN", {
    message: `${folder} is not a Warmstart repository: ${why}.`,
    hint: "Nothing in it was changed. Choose another folder with WARMSTART_REPOSITORY or `repository` in warmstart.config.ts.",
    ...(cause === undefined ? {} : { cause }),
  });
}

const reasons: Readonly<Record<string, readonly ["WS_READ_ONLY" | "WS_NO_SPACE", string]>> = {
  EROFS: ["WS_READ_ONLY", "the file system is read-only"],
  EACCES: ["WS_READ_ONLY", "it may not be written to"],
  EPERM: ["WS_READ_ONLY", "it may not be written to"],
  ENOSPC: ["WS_NO_SPACE", "the disk is full"],
  EDQUOT: ["WS_NO_SPACE", "the quota is used up"],
};

function explained(folder: string, error: unknown): unknown {
  const code = error instanceof Error && "code" in error && typeof error.code === "string" ? error.code : undefined;
  if (error instanceof RepositoryError || code === undefined) return error;
  const [kind, why] = reasons[code] ?? (["WS_REPOSITORY_UNUSABLE", code] as const);
  return new RepositoryError(kind, {
    message: `The repository ${folder} cannot be opened: ${why}.`,
    hint: "Make it writable, or choose another folder with WARMSTART_REPOSITORY.",
    cause: error,
  });
}
