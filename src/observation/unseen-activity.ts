import path from "node:path";
import { manifestAt } from "../code-identity/package-manifest.ts";
import { packageFolderOf } from "../code-identity/rooted-path.ts";
import type { UnseenActivity } from "../model/reads.ts";
import { shownPath } from "../model/shown-path.ts";
import { placeName, realPathOf } from "./place-name.ts";
import type { PlaceNames } from "./place-name.ts";
import type { ActivitySubject, NotedActivity } from "./thread-activity.ts";

/** What a thread did out of sight, under the names that people vouch for. */
export function unseenActivity(noted: readonly NotedActivity[], names: PlaceNames): readonly UnseenActivity[] {
  return noted.map(({ kind, subject, place }) => ({
    kind,
    name: nameOf(subject, names),
    ...(place === undefined ? {} : { at: `${shownPath(placeName(place.file, names))}:${place.line}` }),
  }));
}

function nameOf(subject: ActivitySubject, names: PlaceNames): string {
  if (subject.kind === "name") return subject.name;
  const file = realPathOf(subject.file);
  const owner = subject.kind === "addon" ? addonOwner(file, subject.importer) : packageFolderOf(file)?.folder;
  return owner === undefined ? shownPath(placeName(file, names)) : packageName(owner);
}

/** A package that holds an addon for one kind of machine goes by the name of the package that picked it. */
function addonOwner(file: string, importer: string | undefined): string | undefined {
  const owner = packageFolderOf(file)?.folder;
  if (owner === undefined || importer === undefined) return owner;
  const { os, cpu } = manifestAt(path.join(owner, "package.json"));
  return os === undefined && cpu === undefined ? owner : (packageFolderOf(realPathOf(importer))?.folder ?? owner);
}

function packageName(folder: string): string {
  const { name } = manifestAt(path.join(folder, "package.json"));
  return typeof name === "string" ? name : (packageFolderOf(folder)?.name ?? path.basename(folder));
}
