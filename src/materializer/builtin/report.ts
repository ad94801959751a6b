import type { ArtifactType } from "../../model/artifact.ts";
import { html, specialKindOf, svg } from "../../pipeline/value-kinds.ts";
import type { HtmlReport, SvgReport } from "../../pipeline/value-kinds.ts";
import type { Materializer } from "../materializer.ts";
import { formatBytes, storedForm } from "./stored-form.ts";
import { putText, readText } from "./text.ts";

/** A page: its only blob is the document. */
export const htmlReport: Materializer<HtmlReport> = report("html", "HTML", html);

/** A drawing: its only blob is the document. */
export const svgReport: Materializer<SvgReport> = report("svg", "SVG", svg);

function report<T extends HtmlReport | SvgReport>(
  id: T["kind"],
  name: string,
  make: (text: string) => T,
): Materializer<T> {
  const type: ArtifactType = Object.freeze({ id, version: 1 });
  return Object.freeze<Materializer<T>>({
    type,
    accepts: (value): value is T => specialKindOf(value) === id,
    async save(value, context) {
      const root = await putText(value.text, context);
      return storedForm(type, root, [], { shown: `<${name}, ${formatBytes(root.size)}>` });
    },
    load: async (stored, { blobs }) => make(await readText(stored.digest, blobs, id)),
  });
}
