import { formatBytes } from "../../materializer/builtin/stored-form.ts";
import type { ArtifactRecord } from "../../model/artifact.ts";
import { plainLine } from "../format/plain-text.ts";
import { cutText, padText, textWidth } from "../format/text-width.ts";
import type { RunResult } from "../../runtime/run-event.ts";

const MOST_PATH = 32;
/** Of data below so many bytes, the value says more than the size. */
const SMALL = 10_000;

/** The results of a run, one line each: `model   late-model@7   Model { … }   1.2 MB`. */
export function resultLines(results: readonly RunResult[], columns: number): readonly string[] {
  const width = Math.min(MOST_PATH, Math.max(0, ...results.map((result) => textWidth(result.path))));
  return results.map(({ path, artifact }) => {
    const head = `  ${padText(path, width)}  `;
    return `${head}${describeArtifact(artifact, columns - textWidth(head))}`;
  });
}

/** What an artifact is, in so many columns: its name and version, its value or type, its size where that says more. */
function describeArtifact(artifact: ArtifactRecord, columns: number): string {
  const { type, shown, size } = artifact;
  const name = artifactName(artifact);
  const front = name === undefined ? "" : `${name}   `;
  if (shown === undefined) return cutText(`${front}${type.id}   ${formatBytes(size)}`, columns);
  const isData = type.id === "structured" || type.id === "text";
  const back = isData && size < SMALL ? "" : `   ${formatBytes(size)}`;
  const room = columns - textWidth(front) - textWidth(back);
  return `${front}${cutText(plainLine(shown), Math.max(8, room))}${shown.startsWith("<") ? "" : back}`;
}

/** `late-model@7`, where it has a name. */
export function artifactName({ name, version }: ArtifactRecord): string | undefined {
  return name === undefined ? undefined : `${name}@${version ?? "?"}`;
}
