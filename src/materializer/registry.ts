import { previewValue } from "../encoding/preview.ts";
import { MaterializerError } from "../errors.ts";
import type { ArtifactType } from "../model/artifact.ts";
import type { UserMaterializer } from "../pipeline/user-materializer.ts";
import { nearestName } from "../util/nearest-name.ts";
import { buffer, bytes } from "./builtin/bytes.ts";
import { directoryMaterializer } from "./builtin/directory.ts";
import { fileMaterializer } from "./builtin/file.ts";
import { htmlReport, svgReport } from "./builtin/report.ts";
import { structured } from "./builtin/structured/structured.ts";
import { text } from "./builtin/text.ts";
import type { Materializer } from "./materializer.ts";
import { wrapUserMaterializer } from "./user-wrapper.ts";
import type { UserCall } from "./user-wrapper.ts";

/** Finds the materializer for a value that is to be stored, and for a stored type. */
export interface MaterializerRegistry {
  /**
   * The materializer of that id, which an output named; without one, the first of Warmstart's own that takes the value.
   * A user's materializer is never picked by itself: which ones are known depends on what was imported.
   *
   * @throws MaterializerError `WS_NO_MATERIALIZER` for an unknown id, `WS_NOT_STORABLE` when it refuses the value.
   */
  forValue(value: unknown, wantedId?: string): Materializer;
  /**
   * @throws MaterializerError `WS_NO_MATERIALIZER` for an unknown id or another version of a user's, `WS_FORMAT_NEWER` for
   * a newer version of one of Warmstart's own.
   */
  byType(type: ArtifactType): Materializer;
}

/** In the order in which they are asked; `structured` takes everything. */
const builtins: readonly Materializer[] = [
  fileMaterializer,
  directoryMaterializer,
  htmlReport,
  svgReport,
  bytes,
  buffer,
  text,
  structured,
] as readonly Materializer[];

/**
 * A registry over Warmstart's own materializers and those of the user, which may still be growing. `around` surrounds each
 * call of a user's function.
 */
export function createMaterializerRegistry(
  user: ReadonlyMap<string, UserMaterializer>,
  around: UserCall = (body) => body(),
): MaterializerRegistry {
  return new Registry(user, around);
}

class Registry implements MaterializerRegistry {
  readonly #user: ReadonlyMap<string, UserMaterializer>;
  readonly #around: UserCall;
  readonly #wrapped = new WeakMap<UserMaterializer, Materializer>();

  constructor(user: ReadonlyMap<string, UserMaterializer>, around: UserCall) {
    this.#user = user;
    this.#around = around;
  }

  forValue(value: unknown, wantedId?: string): Materializer {
    if (wantedId === undefined) return builtins.find((candidate) => candidate.accepts(value)) ?? structured;
    const wanted = this.#byId(wantedId);
    if (wanted.accepts(value)) return wanted;
    throw new MaterializerError("WS_NOT_STORABLE", {
      message: `The value ${previewValue(value)} is none that the materializer \`${wantedId}\` takes.`,
      hint: "Return what its `is` accepts, or name another materializer for this output.",
      details: { id: wantedId },
    });
  }

  byType({ id, version }: ArtifactType): Materializer {
    const found = this.#byId(id);
    if (found.type.version === version) return found;
    if (builtins.includes(found)) throw otherFormat(id, version, found.type.version);
    throw new MaterializerError("WS_NO_MATERIALIZER", {
      message: `A stored value has version ${version} of the materializer \`${id}\`, and version ${found.type.version} is defined.`,
      hint: "Compute the step again, or define the materializer with the version that wrote the value.",
      details: { id, version, defined: found.type.version },
    });
  }

  #byId(id: string): Materializer {
    const builtin = builtins.find(({ type }) => type.id === id);
    if (builtin !== undefined) return builtin;
    const definition = this.#user.get(id);
    if (definition === undefined) throw this.#unknown(id);
    const known = this.#wrapped.get(definition) ?? wrapUserMaterializer(definition, this.#around);
    this.#wrapped.set(definition, known);
    return known;
  }

  #unknown(id: string): MaterializerError {
    const meant = nearestName(id, [...this.#user.keys(), ...builtins.map(({ type }) => type.id)]);
    const hint = "Import the module that defines it: it must run before the value is read or stored.";
    return new MaterializerError("WS_NO_MATERIALIZER", {
      message: `There is no materializer \`${id}\`.`,
      hint: meant === undefined ? hint : `Did you mean \`${meant}\`? ${hint}`,
      details: { id, ...(meant === undefined ? {} : { meant }) },
    });
  }
}

function otherFormat(id: string, version: number, known: number): MaterializerError {
  return new MaterializerError("WS_FORMAT_NEWER", {
    message: `A stored value has format version ${version} of \`${id}\`, and this release reads ${known}.`,
    hint: "Update Warmstart to the release that wrote it, or newer.",
    details: { type: id, version, known },
  });
}
