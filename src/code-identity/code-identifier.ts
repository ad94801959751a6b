import { canonicalDigest } from "../encoding/canonical.ts";
import { digestOf } from "../encoding/digest.ts";
import type { KeyLeaf } from "../encoding/key-tree.ts";
import { systemClock } from "../util/clock.ts";
import type { CodeRecord } from "../model/code-record.ts";
import type { UnseenActivity } from "../model/reads.ts";
import type { Clock } from "../util/clock.ts";
import { CodeClosures } from "./code-closure.ts";
import type { CodeClosure } from "./code-closure.ts";
import type { CapturedValue, CodeIdentity, FunctionSource, IdentifyRequest, LoadedProgram } from "./code-identity.ts";
import { createFunctionInspector } from "./function-inspector.ts";
import { FunctionLocator } from "./function-locator.ts";
import { readFunction } from "./function-reader.ts";
import type { FunctionFacts, FunctionReaderInit } from "./function-reader.ts";
import { GuardedMemo } from "./guarded-memo.ts";
import { GuardedResolver } from "./guarded-resolver.ts";
import { readStoredFacts, writeStoredFacts } from "./identity-file.ts";
import { ModuleGraph } from "./module-graph.ts";
import { createModuleResolver } from "./module-resolver.ts";
import type { ModuleResolver } from "./module-resolver.ts";
import { createFileDigests } from "./module-stamps.ts";
import type { FileDigests } from "./module-stamps.ts";
import { createOwnPackage } from "./own-package.ts";
import { PackageClosure } from "./package-closure.ts";
import type { InstalledPackage } from "./package-closure.ts";
import { scanPackage } from "./package-scan.ts";
import type { PackageFacts } from "./package-scan.ts";
import { createRootedPaths } from "./rooted-path.ts";
import type { RootedPaths } from "./rooted-path.ts";
import { SourceFacts } from "./source-facts.ts";
import { filePathOf, mapBySourceMap } from "./source-position.ts";
import type { MapPosition } from "./source-position.ts";

/** Tells what a step's code is. One per process and project: what steps share is read once. */
export interface CodeIdentifier {
  /**
   * The identity of a step's code, as its files are now; files are looked at once until `forget`.
   *
   * @throws CodeIdentityError: `WS_SOURCE_NOT_FOUND`, `WS_SOURCE_UNREADABLE` or `WS_SOURCE_SYNTAX`, naming file and line,
   * for a module that the step reaches.
   */
  identify(request: IdentifyRequest): Promise<CodeIdentity>;
  /**
   * Which function it is and what it closes over, as `captures` of its identity. Equal in every thread that evaluated the
   * same program. Reads the function's file.
   */
  capturesOf(source: FunctionSource): readonly CapturedValue[];
  /**
   * The pieces of code that an identity's leaves lead to, for explanations, with what was known when it was taken. None
   * where code is not identified piece by piece.
   */
  recordsOf(identity: CodeIdentity): readonly CodeRecord[];
  /** The next `identify` looks at all files again: called before a step is keyed anew. */
  forget(): void;
  /** Keeps what was learnt for the next process. */
  save(): Promise<void>;
}

export interface CodeIdentifierInit {
  readonly projectRoot: string;
  /** Where Warmstart itself lies: the package that this module belongs to unless told. */
  readonly ownPackageRoot?: string;
  /** Where what was learnt about sources is kept between processes; digests of files lie beside it, in `<stampFile>.files`. */
  readonly stampFile?: string;
  readonly clock?: Clock;
  /** To be shared with those who digest data files; then they save it, too. */
  readonly fileDigests?: FileDigests;
  readonly rootedPaths?: RootedPaths;
  readonly resolver?: ModuleResolver;
  /** From running scripts to sources: by source maps unless told. */
  readonly mapPosition?: MapPosition;
}

/**
 * @example
 * const identifier = createCodeIdentifier({ projectRoot });
 * const { digest, unseen } = await identifier.identify({
 *   step: { fn: train, definedAt }, materializers: [], pipelineModule: "file:///srv/app/flights.ts", mode: "files",
 * });
 */
export function createCodeIdentifier(init: CodeIdentifierInit): CodeIdentifier {
  return new FileIdentifier(init);
}

class FileIdentifier implements CodeIdentifier {
  readonly #stampFile: string | undefined;
  readonly #digests: FileDigests;
  readonly #paths: RootedPaths;
  readonly #memo: GuardedMemo;
  readonly #sources: SourceFacts;
  readonly #resolver: ModuleResolver;
  readonly #graph: ModuleGraph;
  readonly #closures: CodeClosures;
  readonly #reader: FunctionReaderInit;
  readonly #packageFacts: Map<string, PackageFacts>;
  readonly #filePaths = new Map<string, string | undefined>();
  #packagesLearnt = false;

  constructor(init: CodeIdentifierInit) {
    const clock = init.clock ?? systemClock;
    this.#stampFile = init.stampFile;
    const digestFile = init.stampFile === undefined ? {} : { stampFile: `${init.stampFile}.files` };
    this.#digests = init.fileDigests ?? createFileDigests({ ...digestFile, clock });
    this.#paths = init.rootedPaths ?? createRootedPaths({ projectRoot: init.projectRoot });
    const stored = readStoredFacts(init.stampFile);
    this.#packageFacts = new Map(stored?.packages);
    this.#memo = new GuardedMemo({ stampOf: (path) => this.#digests.stampOf(path), clock, stored: stored?.memo });
    this.#sources = new SourceFacts(this.#digests, stored?.facts);
    this.#resolver = init.resolver ?? createModuleResolver({ projectRoot: init.projectRoot });
    const resolver = new GuardedResolver(this.#resolver, this.#memo);
    const nameOf = (path: string): string => this.#paths.nameOf(path);
    const isOwn = createOwnPackage(init);
    this.#graph = new ModuleGraph({ sources: this.#sources, resolver, nameOf, isOwn });
    this.#closures = new CodeClosures({
      graph: this.#graph,
      packages: new PackageClosure(this.#memo),
      resolver,
      digests: this.#digests,
      isOwn,
      factsOf: (installed) => this.#factsOf(installed),
      nameOf,
    });
    const pathOf = (url: string): string | undefined => this.#pathOf(url);
    const locator = new FunctionLocator({
      inspector: createFunctionInspector(),
      mapPosition: init.mapPosition ?? mapBySourceMap,
      tableOf: (path) => this.#sources.tableOf(path),
      pathOf,
    });
    this.#reader = { locator, nameOf, pathOf, isOwn };
  }

  async identify(request: IdentifyRequest): Promise<CodeIdentity> {
    this.#lookAgain();
    const step = readFunction(request.step, true, this.#reader);
    const { mode } = request;
    const materializers = request.materializers.map(({ id, functions }) => ({
      id,
      functions: functions.map((source) => readFunction(source, false, this.#reader)),
    }));
    const program = request.pipelineModule === undefined ? undefined : this.#pathOf(request.pipelineModule);
    const closure = mode === "files" ? this.#closures.closureOf(step.files, program) : wordClosure(mode.version);
    const parts = [
      partOf([], [step], closure),
      ...materializers.map(({ id, functions }) => {
        const files = [...new Set(functions.flatMap((facts) => facts.files))].sort();
        return partOf([`materializer:${id}`], functions, this.#closures.closureOf(files, undefined));
      }),
    ];
    const loaded = program === undefined || mode !== "files" ? undefined : this.#programOf(program, materializers);
    const identity = assemble(parts, step);
    const unseen = mode === "files" ? identity.unseen : [...identity.unseen, ...this.#oneOfSeveral(step)];
    return { ...identity, unseen, program: loaded };
  }

  /** Where the code is not looked at, functions that only their order tells apart could be taken for each other after an edit. */
  #oneOfSeveral({ place: [module, path], files }: FunctionFacts): readonly UnseenActivity[] {
    const file = files.find((candidate) => this.#paths.nameOf(candidate) === module);
    const table = file === undefined ? undefined : this.#sources.tableOf(file);
    const alike = table?.functions.filter((entry) => unnumbered(entry.path) === unnumbered(path)) ?? [];
    if (alike.length < 2) return [];
    const note = `${module}: ${alike.length} functions are called ${unnumbered(path)}; with code: { version } each needs a name of its own`;
    return [{ kind: "code", name: "function", note }];
  }

  /** Over the modules that a thread imports for a step, the pipeline's and those that define materializers. */
  #programOf(
    program: string,
    materializers: readonly { readonly functions: readonly FunctionFacts[] }[],
  ): LoadedProgram {
    const others = materializers.flatMap(({ functions }) => functions.flatMap(({ files }) => files));
    const { digest, modules } = this.#closures.closureOf([...new Set([program, ...others])], program);
    return { digest, modules: modules.map(({ url }) => url) };
  }

  capturesOf(source: FunctionSource): readonly CapturedValue[] {
    this.#lookAgain();
    return evidenceOf(readFunction(source, true, this.#reader));
  }

  recordsOf(): readonly CodeRecord[] {
    return [];
  }

  forget(): void {
    this.#memo.forget();
    this.#sources.forget();
    this.#graph.forget();
    this.#closures.forget();
    this.#paths.forget();
    this.#filePaths.clear();
  }

  async save(): Promise<void> {
    await this.#digests.save();
    if (this.#stampFile === undefined) return;
    if (!this.#memo.changed && !this.#sources.changed && !this.#packagesLearnt) return;
    this.#packagesLearnt = false;
    await writeStoredFacts(this.#stampFile, {
      memo: this.#memo.toStored(),
      facts: this.#sources.toStored(),
      packages: [...this.#packageFacts],
    });
  }

  #lookAgain(): void {
    if (!this.#memo.verify()) this.#resolver.forget();
  }

  #pathOf(url: string): string | undefined {
    if (!this.#filePaths.has(url)) this.#filePaths.set(url, filePathOf(url));
    return this.#filePaths.get(url);
  }

  #factsOf(installed: InstalledPackage): PackageFacts {
    const key = installed.title ?? installed.folder;
    const known = this.#packageFacts.get(key);
    if (known !== undefined) return known;
    const facts = scanPackage(installed.folder);
    this.#packageFacts.set(key, facts);
    this.#packagesLearnt = true;
    return facts;
  }
}

/** One function or group of functions with the closure of its files. */
interface IdentityPart {
  readonly prefix: readonly string[];
  readonly own: readonly KeyLeaf[];
  readonly functions: readonly FunctionFacts[];
  readonly closure: CodeClosure;
}

function partOf(prefix: readonly string[], functions: readonly FunctionFacts[], closure: CodeClosure): IdentityPart {
  const single = functions.length === 1;
  const own = functions.flatMap((facts, index): readonly KeyLeaf[] => {
    const number = single ? "" : `:${index}`;
    const { place, captures } = facts;
    return [
      { path: [`function${number}`], digest: canonicalDigest(place), shown: place.join("#") },
      ...captures.map(({ name, digest, shown }) => ({ path: [`capture${number}:${name}`], digest, shown })),
    ];
  });
  return { prefix, own, functions, closure };
}

/** What another thread must find in the function that it takes for this one: its place and what it captured. */
function evidenceOf({ place, captures }: FunctionFacts): readonly CapturedValue[] {
  return [
    { name: "function", digest: canonicalDigest(place) },
    ...captures.map(({ name, digest }) => ({ name, digest })),
  ];
}

/** A function's path without the numbers that tell equal paths apart. */
function unnumbered(path: string): string {
  return path.replaceAll(/#\d+(?=\/|$)/g, "");
}

function assemble(parts: readonly IdentityPart[], step: FunctionFacts): Omit<CodeIdentity, "program"> {
  const leaves: KeyLeaf[] = [];
  const shared = new Set<string>();
  for (const [index, { prefix, own, closure }] of parts.entries()) {
    for (const leaf of own) leaves.push({ ...leaf, path: ["code", ...prefix, ...leaf.path] });
    for (const leaf of closure.leaves) {
      // What the step reaches itself is said once.
      const name = `${leaf.path.join("/")} ${leaf.digest}`;
      if (index === 0 && parts.length > 1) shared.add(name);
      if (index === 0) leaves.push(leaf);
      else if (!shared.has(name)) leaves.push({ ...leaf, path: ["code", ...prefix, ...leaf.path.slice(1)] });
    }
  }
  const summary = parts.map(({ prefix, own, closure }) => [
    [...prefix],
    own.map(({ path, digest }) => [[...path], digest]),
    closure.digest,
  ]);
  const modules = new Map(parts.flatMap(({ closure }) => closure.modules.map((module) => [module.url, module])));
  return {
    digest: canonicalDigest(summary),
    leaves,
    modules: [...modules.values()],
    captures: evidenceOf(step),
    literal: step.literal,
    unseen: parts.flatMap(({ functions, closure }) => [
      ...functions.flatMap((facts) => facts.unseen),
      ...closure.unseen,
    ]),
    localeSensitive: parts.some(({ closure }) => closure.localeSensitive),
    native: parts.some(({ closure }) => closure.native),
  };
}

/** `{ version }` stands for the closure: the function's place and captures stay, so that two steps never share an identity. */
function wordClosure(version: string): CodeClosure {
  const leaf: KeyLeaf = { path: ["code", "version"], digest: canonicalDigest(version), shown: version };
  return {
    digest: digestOf(`version ${leaf.digest}`),
    leaves: [leaf],
    paths: [],
    modules: [],
    unseen: [],
    // Whether the code asks for the time zone is not looked at, so it counts.
    localeSensitive: true,
    native: false,
  };
}
