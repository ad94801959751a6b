import { fileURLToPath } from "node:url";
import { openArtifactStore } from "../../../artifact-store/open-artifact-store.ts";
import type { ArtifactStore, ArtifactStoreLocation } from "../../../artifact-store/artifact-store.ts";
import type { IdentifiedModule } from "../../../code-identity/code-identity.ts";
import { createRootedPaths } from "../../../code-identity/rooted-path.ts";
import { createFileDigests } from "../../../code-identity/module-stamps.ts";
import { RunError } from "../../../errors.ts";
import { createMaterializerRegistry } from "../../../materializer/registry.ts";
import type { ReadRecord } from "../../../model/reads.ts";
import { KnownFiles } from "../../../observation/known-files.ts";
import { loadedModules } from "../../../observation/loaded-modules.ts";
import { asOwnWork, asStepWork } from "../../../observation/own-work.ts";
import { threadObservation } from "../../../observation/thread-observation.ts";
import { findStep as lookUpStep, stepsDefinedAt } from "../../../pipeline/step-registry.ts";
import type { StepDefinition } from "../../../pipeline/step-table.ts";
import { registeredMaterializers } from "../../../pipeline/user-materializer.ts";
import { systemClock } from "../../../util/clock.ts";
import { lazy } from "../../../util/lazy.ts";
import { executeTask } from "../../execute-task.ts";
import type { StepFunction } from "../../execute-task.ts";
import type { StepFinding, StepResult, StepSignal, StepTask } from "../../executor.ts";
import { findableNames } from "./findable-name.ts";
import type { ThreadConsole } from "./thread-console.ts";

export interface WorkerTaskInit {
  /** Why loading ended early, when it did. */
  readonly loaded: string | undefined;
  readonly threadConsole: ThreadConsole;
  readonly signal: AbortSignal;
  readonly onSignal: (signal: StepSignal) => void;
}

/** Finds the step in this thread, checks that what was loaded is what was keyed, and runs the attempt. */
export async function runWorkerTask(task: StepTask, init: WorkerTaskInit): Promise<StepResult> {
  const before = changedSource(task);
  if (before !== undefined) return { kind: "code-changed", what: before };
  const found = await asOwnWork(() => findStep(task, init.loaded));
  if ("kind" in found) return found;
  const loadedBefore = loadedModules().length;
  const artifacts = await asOwnWork(() => openStore(locationOf(task)));
  const nameOf = namesFor(task);
  const observation = threadObservation();
  const known = task.knownFiles ?? [];
  const digests = new KnownFiles({ digests: createFileDigests({}), known });
  const result = await executeTask(task, {
    fn: found.fn as StepFunction,
    kind: "worker-thread",
    artifacts,
    materializers: createMaterializerRegistry(registeredMaterializers(), asStepWork),
    digests,
    environment: observation?.environment.beginStep(task.variables) ?? { ...process.env },
    ...(observation === undefined ? {} : { observation }),
    signal: init.signal,
    ownFolders: task.ownFolders,
    monotonic: systemClock.monotonic,
    nameOf,
    onSignal: init.onSignal,
    captureConsole: (write) => init.threadConsole.capture(write),
    sourcesEvaluated: () => sourcesOutside(loadedBefore, task, nameOf),
  });
  const after = changedSource(task);
  if (after !== undefined) return { kind: "code-changed", what: after };
  const learnt = digests.all.filter((file) => !known.includes(file));
  return isFinding(result) && learnt.length > 0 ? { ...result, knownFiles: learnt } : result;
}

/** Open for as long as the thread lives, which holds no file by it. */
const openStores = new Map<string, Promise<ArtifactStore>>();

function openStore(location: ArtifactStoreLocation): Promise<ArtifactStore> {
  const id = JSON.stringify(location);
  const known = openStores.get(id);
  if (known !== undefined) return known;
  const opened = openArtifactStore(location);
  openStores.set(id, opened);
  return opened;
}

/** Most steps name no file, and to know the project's roots takes reading files. */
function namesFor({ projectRoot }: StepTask): (absolutePath: string) => string {
  const names = lazy(() => asOwnWork(() => findableNames(createRootedPaths({ projectRoot }), projectRoot)));
  return (absolutePath) => names()(absolutePath);
}

function isFinding(result: StepResult): result is Extract<StepResult, StepFinding> {
  return result.kind === "done" || result.kind === "failed";
}

function locationOf(task: StepTask): ArtifactStoreLocation {
  if (task.artifacts !== undefined) return task.artifacts;
  throw new RunError("WS_EXECUTOR", { message: "An artifact store in memory cannot be used from another thread." });
}

/** The name of a source that was loaded with other bytes than those of the task's identity. */
function changedSource(task: StepTask): string | undefined {
  const expected = expectedByUrl(task);
  for (const { url, digest } of loadedModules()) {
    const wanted = expected.get(url);
    if (wanted !== undefined && wanted.digest !== digest) return wanted.name;
  }
  return undefined;
}

/** What tasks of one thread share crosses once, so it is the same list. */
const expectations = new WeakMap<StepTask["expectedModules"], ReadonlyMap<string, IdentifiedModule>>();

function expectedByUrl({ expectedModules }: StepTask): ReadonlyMap<string, IdentifiedModule> {
  const known = expectations.get(expectedModules);
  if (known !== undefined) return known;
  const byUrl = new Map(expectedModules.map((module) => [module.url, module]));
  expectations.set(expectedModules, byUrl);
  return byUrl;
}

async function findStep(task: StepTask, trouble: string | undefined): Promise<StepDefinition | StepResult> {
  const { name, definedAt } = task.step;
  const wanted = lookUpStep(task.step);
  if (task.expectedCaptures.length === 0) return wanted ?? { kind: "not-found", why: whyNotFound(task, trouble) };
  const others = stepsDefinedAt(definedAt).filter((step) => step.address.name === name && step !== wanted);
  if (wanted === undefined && others.length === 0) return { kind: "not-found", why: whyNotFound(task, trouble) };
  const candidates = wanted === undefined ? others : [wanted, ...others];
  const known = task.contained ? foundBefore.get(task.step.name) : undefined;
  if (
    known !== undefined &&
    known.captures === JSON.stringify(task.expectedCaptures) &&
    candidates.includes(known.step)
  )
    return known.step;
  const step = await withSameCaptures(task, candidates);
  if (step === undefined) return { kind: "not-found", why: differentCaptures(task) };
  foundBefore.set(name, { step, captures: JSON.stringify(task.expectedCaptures) });
  return step;
}

/** Steps of this thread that were compared. Those that leave nothing capture no value, so they stay what they were. */
const foundBefore = new Map<string, { readonly step: StepDefinition; readonly captures: string }>();

async function withSameCaptures(task: StepTask, steps: readonly StepDefinition[]): Promise<StepDefinition | undefined> {
  const { createCodeIdentifier } = await import("../../../code-identity/code-identifier.ts");
  const identifier = createCodeIdentifier({ projectRoot: task.projectRoot, stampFile: task.sourceStamps });
  const wanted = JSON.stringify(task.expectedCaptures);
  for (const step of steps) {
    const found = identifier.capturesOf({ fn: step.fn, definedAt: step.definedAt }, step.options.code ?? "symbols");
    if (JSON.stringify(found) === wanted) return step;
  }
  return undefined;
}

function differentCaptures(task: StepTask): string {
  const names = task.expectedCaptures.map((captured) => captured.name).filter((name) => name !== "function");
  const what = names.length === 0 ? "another function" : `a function that captured other values (${names.join(", ")})`;
  return `a fresh import of its module gives the step ${what}; hand to the step as inputs what it depends on`;
}

function whyNotFound(task: StepTask, trouble: string | undefined): string {
  const cure = "define the step at the top level of a module, and guard what runs there with `if (import.meta.main)`";
  if (trouble !== undefined) return `${trouble}, before the step is defined; ${cure}`;
  if (task.pipelineModule === undefined) return `the pipeline was made where no file could be named; ${cure}`;
  return `importing ${task.pipelineModule} does not define it (it is made inside a function or a builder); ${cure}`;
}

/** Sources outside of the identity: those evaluated by the step, and those that the program's text does not lead to. */
function sourcesOutside(from: number, task: StepTask, nameOf: (absolute: string) => string): readonly ReadRecord[] {
  const known = expectedByUrl(task);
  const evaluated = loadedModules().filter(
    ({ url }, index) => !known.has(url) && (index >= from || task.program?.modules.includes(url) === false),
  );
  return evaluated.map(({ url, digest }) => ({ kind: "source", name: nameOf(fileURLToPath(url)), digest }));
}
