import { pathToFileURL } from "node:url";
import { digestOf } from "../encoding/digest.ts";
import type { Digest } from "../encoding/digest.ts";
import { CodeIdentityError } from "../errors.ts";
import { systemClock } from "../util/clock.ts";
import { lazy } from "../util/lazy.ts";
import type { CodeRecord } from "../model/code-record.ts";
import type { Clock } from "../util/clock.ts";
import { CodeClosures } from "./code-closure.ts";
import type { CapturedValue, CodeIdentity, CodeMode, FunctionSource, IdentifyRequest } from "./code-identity.ts";
import { createFunctionInspector } from "./function-inspector.ts";
import { FunctionShapes } from "./function-shapes.ts";
import { FunctionLocator } from "./function-locator.ts";
import { isBare } from "./function-reader.ts";
import type { FunctionFacts } from "./function-reader.ts";
import { GuardedMemo } from "./guarded-memo.ts";
import { GuardedResolver } from "./guarded-resolver.ts";
import { evidenceOf } from "./identity-part.ts";
import { IdentityMaker, programOf } from "./identity-maker.ts";
import type { FunctionsRead } from "./identity-maker.ts";
import {
  readStoredFacts,
  readStoredPrograms,
  readStoredUnits,
  writeStoredFacts,
  writeStoredPrograms,
  writeStoredUnits,
} from "./identity-file.ts";
import { KnownIdentities } from "./known-identities.ts";
import type { KnownProgram } from "./known-identities.ts";
import { ModuleGraph } from "./module-graph.ts";
import { createModuleResolver } from "./module-resolver.ts";
import type { ModuleResolver } from "./module-resolver.ts";
import { createFileDigests } from "./module-stamps.ts";
import type { FileDigests, FileStamp } from "./module-stamps.ts";
import { createOwnPackage } from "./own-package.ts";
import { PackageClosure } from "./package-closure.ts";
import type { InstalledPackage } from "./package-closure.ts";
import { scanPackage } from "./package-scan.ts";
import type { PackageFacts } from "./package-scan.ts";
import { preloadedModules } from "./preloaded-modules.ts";
import { createRootedPaths } from "./rooted-path.ts";
import type { RootedPaths } from "./rooted-path.ts";
import { SourceFacts } from "./source-facts.ts";
import { filePathOf, mapBySourceMap } from "./source-position.ts";
import type { MapPosition } from "./source-position.ts";
import { SymbolGraph } from "./symbols/symbol-graph.ts";
import { SymbolParts } from "./symbols/symbol-parts.ts";
import { UnitStore } from "./symbols/unit-store.ts";

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
  capturesOf(source: FunctionSource, mode: CodeMode): readonly CapturedValue[];
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

/** What an identity hangs on besides the step's own function. */
interface Besides extends Pick<FunctionsRead, "materializers"> {
  /** Real paths of the modules that a thread imports. */
  readonly files: readonly string[];
  /** Names the program. */
  readonly key: string;
  /** Tells what the materializers are. */
  readonly besides: string;
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
  readonly #symbols: SymbolParts;
  readonly #known: KnownIdentities;
  readonly #units: UnitStore;
  readonly #locator: FunctionLocator;
  readonly #maker: IdentityMaker;
  readonly #shapes: FunctionShapes;
  readonly #packageFacts: () => Map<string, PackageFacts>;
  readonly #preloaded: () => readonly string[];
  readonly #filePaths = new Map<string, string | undefined>();
  readonly #requests = new WeakMap<CodeIdentity, IdentifyRequest>();
  /** Of steps without materializers, by the pipeline's module: nearly all of a program. */
  readonly #alone = new Map<string, Besides>();
  #packagesLearnt = false;

  constructor(init: CodeIdentifierInit) {
    const clock = init.clock ?? systemClock;
    this.#stampFile = init.stampFile;
    const digestFile = init.stampFile === undefined ? {} : { stampFile: `${init.stampFile}.files` };
    this.#digests = init.fileDigests ?? createFileDigests({ ...digestFile, clock });
    this.#paths = init.rootedPaths ?? createRootedPaths({ projectRoot: init.projectRoot });
    const stored = lazy(() => readStoredFacts(init.stampFile));
    this.#packageFacts = lazy(() => new Map(stored()?.packages));
    this.#shapes = new FunctionShapes(() => stored()?.shapes);
    const stampOf = (path: string): FileStamp | undefined => this.#digests.stampOf(path);
    this.#memo = new GuardedMemo({ stampOf, clock, load: () => stored()?.memo });
    this.#sources = new SourceFacts(this.#digests, () => stored()?.facts);
    this.#resolver = init.resolver ?? createModuleResolver({ projectRoot: init.projectRoot });
    const resolver = new GuardedResolver(this.#resolver, this.#memo);
    const nameOf = (path: string): string => this.#paths.nameOf(path);
    const isOwn = createOwnPackage(init);
    this.#preloaded = lazy(() => preloadedModules().filter((file) => !isOwn(file)));
    this.#graph = new ModuleGraph({ sources: this.#sources, resolver, nameOf, isOwn });
    this.#closures = new CodeClosures({
      graph: this.#graph,
      packages: new PackageClosure(this.#memo, (installed) => this.#factsOf(installed).undeclared),
      resolver,
      digests: this.#digests,
      isOwn,
      factsOf: (installed) => this.#factsOf(installed),
      nameOf,
    });
    this.#known = new KnownIdentities({
      digests: this.#digests,
      guards: () => this.#memo.guards,
      load: (key) => readStoredPrograms(init.stampFile, key),
    });
    this.#units = new UnitStore(this.#sources, () => readStoredUnits(init.stampFile));
    const createGraph = (): SymbolGraph => new SymbolGraph({ sources: this.#units, resolver, nameOf, isOwn });
    this.#symbols = new SymbolParts(createGraph, this.#closures);
    const pathOf = (url: string): string | undefined => this.#pathOf(url);
    this.#locator = new FunctionLocator({
      inspector: createFunctionInspector(),
      mapPosition: init.mapPosition ?? mapBySourceMap,
      tableOf: (path) => this.#sources.tableOf(path),
      pathOf,
      shapeOf: (text) => this.#shapes.of(text),
    });
    this.#maker = new IdentityMaker({
      reader: { locator: this.#locator, nameOf, pathOf, isOwn },
      closures: this.#closures,
      symbols: this.#symbols,
      tableOf: (path) => this.#sources.tableOf(path),
      preloaded: this.#preloaded,
    });
  }

  async identify(request: IdentifyRequest): Promise<CodeIdentity> {
    const pipeline = this.#pipelineOf(request);
    const identity =
      request.mode === "symbols" && pipeline !== undefined
        ? this.#knownOrMade(request, pipeline)
        : this.#make(request, pipeline);
    this.#requests.set(identity, request);
    return identity;
  }

  #knownOrMade(request: IdentifyRequest, pipeline: string): CodeIdentity {
    const { materializers, files, key, besides } = this.#besides(request, pipeline);
    // What was hung on a function is no part of its text, and may be other things in each process.
    const place = isBare(request.step.fn) ? this.#locator.placeOf(request.step.definedAt) : undefined;
    const byPlace = place === undefined ? undefined : this.#known.unchanged(key)?.get(place + besides);
    if (byPlace !== undefined) return byPlace;
    const step = this.#maker.readStep(request.step, request.mode);
    const program = this.#known.unchanged(key) ?? this.#lookAt(key, files, pipeline);
    const name = (this.#isToldByPlace(step, request.step) ? place : undefined) ?? digestOf(JSON.stringify(step));
    const known = program?.get(name + besides);
    if (known !== undefined) return known;
    this.#lookAgain();
    const made = this.#maker.make(request.mode, { step, materializers }, pipeline);
    // A function may stand in a module that the program does not reach.
    const within = made.modules === this.#closures.closureOf(files, pipeline).modules;
    return within ? (program?.add(name + besides, made) ?? made) : made;
  }

  #besides(request: IdentifyRequest, pipeline: string): Besides {
    const known = request.materializers.length === 0 ? this.#alone.get(pipeline) : undefined;
    if (known !== undefined) return known;
    const materializers = this.#maker.readMaterializers(request.materializers);
    const files = programOf(pipeline, materializers, this.#preloaded());
    const key = JSON.stringify(files.map((file) => [file, this.#paths.nameOf(file)]));
    const besides = materializers.map(({ id, functions }) => JSON.stringify([id, functions])).join();
    const made = { materializers, files, key, besides };
    if (materializers.length === 0) this.#alone.set(pipeline, made);
    return made;
  }

  /** The place of a link would go on to name a file that it leads to no more, and Warmstart's own files are in no program. */
  #isToldByPlace({ literal, functions: [met] }: FunctionFacts, { definedAt: { url } }: FunctionSource): boolean {
    const file = met?.root?.file;
    return literal && file !== undefined && pathToFileURL(file).href === url;
  }

  /** Undefined where no digest says what the program holds. */
  #lookAt(key: string, files: readonly string[], pipeline: string): KnownProgram | undefined {
    this.#lookAgain();
    const { digest, modules, paths, entries, errors, unversioned } = this.#closures.closureOf(files, pipeline);
    if (errors.some(({ code }) => code !== "WS_SOURCE_SYNTAX")) return undefined;
    const sources = paths.map((path) => [path, this.#graph.nodeAt(path).digest] as const);
    const imported = entries.map((path) => [path, this.#digests.digestOfSource(path)?.digest ?? digestOf("")] as const);
    const digests = [...sources, ...imported];
    return this.#known.lookedAt(key, { digest, modules, files: unversioned ? undefined : digests });
  }

  #make(request: IdentifyRequest, pipeline: string | undefined): CodeIdentity {
    this.#lookAgain();
    return this.#maker.make(request.mode, this.#maker.read(request), pipeline);
  }

  recordsOf(identity: CodeIdentity): readonly CodeRecord[] {
    const request = this.#requests.get(identity);
    if (request === undefined) return [];
    const program = this.#presentProgram(request);
    if (!this.#symbols.knows(identity.leaves, program)) this.#lookFor(request);
    return this.#symbols.recordsBelow(identity.leaves, program);
  }

  #presentProgram(request: IdentifyRequest): Digest | undefined {
    const pipeline = this.#pipelineOf(request);
    return pipeline === undefined ? undefined : this.#known.unchanged(this.#besides(request, pipeline).key)?.digest;
  }

  /** A known identity is handed out without looking at its code. What is changed or gone by now has no records. */
  #lookFor(request: IdentifyRequest): void {
    const pipeline = this.#pipelineOf(request);
    try {
      this.#make(request, pipeline);
    } catch (error) {
      if (!(error instanceof CodeIdentityError)) throw error;
    }
  }

  capturesOf(source: FunctionSource, mode: CodeMode): readonly CapturedValue[] {
    this.#lookAgain();
    return evidenceOf(this.#maker.readStep(source, mode));
  }

  forget(): void {
    this.#known.forget();
    this.#memo.forget();
    // What no guard keeps is asked anew each time, and the resolver remembers which files are there.
    this.#resolver.forget();
    this.#sources.forget();
    this.#graph.forget();
    this.#closures.forget();
    this.#units.forget();
    this.#symbols.forget();
    this.#paths.forget();
    this.#filePaths.clear();
    this.#alone.clear();
  }

  async save(): Promise<void> {
    await this.#digests.save();
    if (this.#stampFile === undefined) return;
    for (const [key, programs] of this.#known.takeChanged()) await writeStoredPrograms(this.#stampFile, key, programs);
    if (this.#units.changed) await writeStoredUnits(this.#stampFile, this.#units.toStored());
    if (!this.#memo.changed && !this.#sources.changed && !this.#shapes.changed && !this.#packagesLearnt) return;
    this.#packagesLearnt = false;
    await writeStoredFacts(this.#stampFile, {
      memo: this.#memo.toStored(),
      facts: this.#sources.toStored(),
      packages: [...this.#packageFacts()],
      shapes: this.#shapes.toStored(),
    });
  }

  #lookAgain(): void {
    if (!this.#memo.verify()) this.#resolver.forget();
  }

  /** Real path of the pipeline's module, where it is a file. */
  #pipelineOf({ pipelineModule }: IdentifyRequest): string | undefined {
    return pipelineModule === undefined ? undefined : this.#pathOf(pipelineModule);
  }

  #pathOf(url: string): string | undefined {
    if (!this.#filePaths.has(url)) this.#filePaths.set(url, filePathOf(url));
    return this.#filePaths.get(url);
  }

  #factsOf(installed: Pick<InstalledPackage, "folder" | "title">): PackageFacts {
    const key = installed.title ?? installed.folder;
    const known = this.#packageFacts().get(key);
    if (known !== undefined) return known;
    const facts = scanPackage(installed.folder);
    this.#packageFacts().set(key, facts);
    this.#packagesLearnt = true;
    return facts;
  }
}
