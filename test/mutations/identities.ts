import { readFileSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { createCodeIdentifier } from "../../src/code-identity/code-identifier.ts";
import type { CodeIdentifier } from "../../src/code-identity/code-identifier.ts";
import type { CodeIdentity, IdentifyRequest } from "../../src/code-identity/code-identity.ts";
import type { CodeRecord } from "../../src/model/code-record.ts";
import type { SourceLocation } from "../../src/model/source-location.ts";
import { withPlainStacks } from "../code-identity/symbols/plain-stacks.ts";
import { installProgram } from "./installed-program.ts";
import type { InstalledProgram } from "./installed-program.ts";
import type { FileEdits, MutationProgram } from "./programs.ts";

export type Grain = Extract<IdentifyRequest["mode"], string>;
export interface StepIdentity extends CodeIdentity {
  /** The pieces of code that it consists of; left out where the digest is known already. */
  readonly records: readonly CodeRecord[];
}

export type StepIdentities = Readonly<Record<string, StepIdentity | { readonly error: string }>>;

/** Identifies the steps of versions of a program in a copy of its own, with one identifier throughout. */
export class Identities implements Disposable {
  readonly #program: MutationProgram;
  readonly #grain: Grain;
  readonly #installed: InstalledProgram;
  readonly #identifier: CodeIdentifier;

  constructor(program: MutationProgram, grain: Grain) {
    this.#program = program;
    this.#grain = grain;
    this.#installed = installProgram(program);
    this.#identifier = createCodeIdentifier({ projectRoot: this.#installed.root });
  }

  /** `known` are identities whose pieces need not be told again. */
  async of(edits: FileEdits, known: StepIdentities = {}): Promise<StepIdentities> {
    this.#installed.write(edits);
    try {
      return await withPlainStacks(() => this.#identifyAll(known));
    } finally {
      const before = Object.keys(edits).map((path) => [path, this.#program.files[path] ?? null] as const);
      this.#installed.write(Object.fromEntries(before));
    }
  }

  async #identifyAll(known: StepIdentities): Promise<StepIdentities> {
    this.#identifier.forget();
    const found: Record<string, StepIdentities[string]> = {};
    for (const { name, file } of this.#program.steps) found[name] = await this.#identify(name, file, known[name]);
    return found;
  }

  async #identify(
    name: string,
    file: string,
    known: StepIdentities[string] | undefined,
  ): Promise<StepIdentities[string]> {
    try {
      const definedAt = callOf(join(this.#installed.root, file), name);
      const identity = await this.#identifier.identify({
        step: { fn: neverRead, definedAt },
        materializers: [],
        pipelineModule: pathToFileURL(join(this.#installed.root, this.#program.entry)).href,
        mode: this.#grain,
      });
      const same = known !== undefined && "digest" in known && known.digest === identity.digest;
      return { ...identity, records: same ? [] : this.#identifier.recordsOf(identity) };
    } catch (error) {
      return { error: String(error) };
    }
  }

  [Symbol.dispose](): void {
    this.#installed[Symbol.dispose]();
  }
}

/** What a function is that the place of its call tells alone. */
function neverRead(): void {}

function callOf(file: string, step: string): SourceLocation {
  const text = readFileSync(file, "utf8").replace(/^\uFEFF/, "");
  const at = text.search(new RegExp(`\\bstep\\((?:\\s|/\\*.*?\\*/|\\()*['"]${step}(?:-renamed)?['"]`));
  if (at === -1) throw new Error(`${file} has no step ${step}`);
  const lines = text.slice(0, at).split(/\r\n|[\n\r\u2028\u2029]/);
  return { url: pathToFileURL(file).href, line: lines.length, column: (lines.at(-1) ?? "").length + 1 };
}
