import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdir, writeFile } from "node:fs/promises";
import path from "node:path";
import type { ArtifactRecord } from "../model/artifact.ts";
import { specialKindOf } from "../pipeline/value-kinds.ts";
import type { SpecialValue } from "../pipeline/value-kinds.ts";
import type { Repository } from "../repository/repository.ts";
import { valueText } from "./write-artifact.ts";

/** Path of a copy of an artifact that other programs can open; it lies in the repository and may be thrown away. */
export async function materialisedCopy(artifact: ArtifactRecord, repository: Repository): Promise<string> {
  const value = await repository.load(artifact);
  const special = specialKindOf(value) === undefined ? undefined : (value as SpecialValue);
  if (special?.kind === "file" || special?.kind === "directory") return special.path;
  const folder = path.join(repository.folder, "files", artifact.digest.slice(0, 12));
  await mkdir(folder, { recursive: true });
  const file = path.join(folder, `${artifact.name ?? "artifact"}.${endingOf(special, value)}`);
  await writeFile(file, special === undefined ? contentOf(value) : special.text);
  return file;
}

function contentOf(value: unknown): string | Uint8Array {
  return value instanceof Uint8Array ? value : valueText(value);
}

function endingOf(special: { readonly kind: string } | undefined, value: unknown): string {
  if (special !== undefined) return special.kind;
  if (value instanceof Uint8Array) return "bin";
  return typeof value === "string" ? "txt" : "json";
}

const viewers: Readonly<Record<string, readonly [string, ...string[]]>> = {
  darwin: ["open"],
  win32: ["cmd", "/c", "start", ""],
};

/** Starts the platform's viewer and does not wait for it; without one the path alone must do. */
export async function startViewer(file: string, say: (line: string) => void): Promise<void> {
  const [command, ...args] = viewers[process.platform] ?? ["xdg-open"];
  const child = spawn(command, [...args, file], { detached: true, stdio: "ignore" });
  try {
    await once(child, "spawn");
    child.unref();
  } catch {
    say(`No viewer (${command}) was found; open the file yourself.`);
  }
}
