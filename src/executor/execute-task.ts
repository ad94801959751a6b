import { mkdir, writeFile } from "node:fs/promises";
import path from "node:path";
import type { ArtifactStore } from "../artifact-store/artifact-store.ts";
import { locationFolders } from "../artifact-store/location-folders.ts";
import { decodeCanonical } from "../encoding/canonical.ts";
import { ArtifactError, MaterializerError, PipelineError, RunError } from "../errors.ts";
import { drainLazy } from "../materializer/drain-lazy.ts";
import { describePlainFields } from "../materializer/plain-fields.ts";
import type { MaterializerRegistry } from "../materializer/registry.ts";
import type { StoredValue } from "../model/artifact.ts";
import type { BlobInfo } from "../model/blob.ts";
import type { ReadRecord, UnseenActivity } from "../model/reads.ts";
import type { DataDigests } from "../observation/data-digests.ts";
import { asOwnWork } from "../observation/own-work.ts";
import { placeName, realPathOf } from "../observation/place-name.ts";
import type { PlaceNames } from "../observation/place-name.ts";
import { ReadRecorder } from "../observation/read-recorder.ts";
import type { RecordedReads } from "../observation/read-recorder.ts";
import { readSetOf } from "../observation/read-set.ts";
import { settleReads } from "../observation/settle-reads.ts";
import { appendWarning, SideEffects } from "../observation/side-effects.ts";
import { endObservation } from "../observation/thread-observation.ts";
import type { ThreadObservation } from "../observation/thread-observation.ts";
import { MOST_READS } from "../observation/thread-reads.ts";
import { unseenActivity } from "../observation/unseen-activity.ts";
import { observeWrites } from "../observation/write-observer.ts";
import { enterStep } from "../pipeline/running-step.ts";
import { lazy } from "../util/lazy.ts";
import { AttemptContext } from "./attempt-context.ts";
import { toErrorRecord, withoutSecrets } from "./error-record.ts";
import type { StepFinding, StepResult, StepSignal, StepTask } from "./executor.ts";
import type { ExecutorKind } from "../pipeline/step-options.ts";
import { judgeLate, wasLate } from "./late-verdict.ts";
import type { LateVerdict } from "./late-verdict.ts";
import { OutputCapture } from "./output-capture.ts";
import { undeclaredReads } from "./undeclared-reads.ts";

export type StepFunction = (inputs: unknown, context: unknown) => unknown;

/** What surrounds one attempt in the thread where it runs. */
export interface TaskEnvironment {
  readonly fn: StepFunction;
  readonly kind: ExecutorKind;
  readonly artifacts: ArtifactStore;
  readonly materializers: MaterializerRegistry;
  readonly digests: DataDigests;
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly signal: AbortSignal;
  /** Folders of the repository: no side effect, and no path that a value may hold. */
  readonly ownFolders: readonly string[];
  readonly monotonic: () => number;
  readonly nameOf: (absolutePath: string) => string;
  readonly onSignal: (signal: StepSignal) => void;
  /** Diverts this thread's console to `write` until the returned function is called. */
  readonly captureConsole: (write: (stream: "stdout" | "stderr", text: string) => void) => () => void;
  /** What this thread was seen to read since its first module; absent where it shares its thread with others. */
  readonly observation?: ThreadObservation;
  /** Project sources that were evaluated since the step began and are outside its identity. */
  sourcesEvaluated(): readonly ReadRecord[];
}

/** Runs one attempt in this thread: decodes what was keyed, calls the function, stores what it returns. */
export async function executeTask(task: StepTask, environment: TaskEnvironment): Promise<StepResult> {
  const attempt = asOwnWork(() => new TaskAttempt(task, environment));
  try {
    return await attempt.run();
  } finally {
    await attempt.close();
  }
}

interface NamedValue {
  readonly name: string;
  readonly value: unknown;
}

type Outcome =
  | { readonly kind: "done"; readonly outputs: readonly NamedValue[] }
  | { readonly kind: "failed"; readonly thrown: unknown };

class TaskAttempt {
  readonly #task: StepTask;
  readonly #environment: TaskEnvironment;
  readonly #output: OutputCapture;
  readonly #reads: ReadRecorder;
  readonly #effects: SideEffects;
  readonly #context: AttemptContext;
  readonly #secrets = new Map<string, string>();
  #durationMs = 0;
  /** Variables that were asked for through `ctx`. */
  #declared: ReadonlySet<string> = new Set();

  constructor(task: StepTask, environment: TaskEnvironment) {
    this.#task = task;
    this.#environment = environment;
    this.#readSecrets();
    const { monotonic, digests, nameOf } = environment;
    const onSignal = (signal: StepSignal): void => environment.onSignal(signal);
    this.#output = new OutputCapture({ monotonic, secrets: [...this.#secrets.values()], onSignal });
    this.#reads = new ReadRecorder({
      projectRoot: task.projectRoot,
      digests,
      environment: environment.environment,
      environmentKey: task.environmentKey,
      nameOf,
    });
    const ownFolders = [task.temporaryRoot, ...environment.ownFolders];
    this.#effects = new SideEffects({ projectRoot: task.projectRoot, digests, ownFolders, nameOf });
    this.#context = new AttemptContext({
      task,
      signal: environment.signal,
      reads: this.#reads,
      output: this.#output,
      monotonic,
      onSignal,
    });
  }

  async run(): Promise<StepResult> {
    const inputs = await this.#decodeInputs();
    if ("kind" in inputs) return inputs;
    const outcome = await this.#call(inputs.properties);
    if (this.#environment.signal.aborted) return { kind: "aborted" };
    return asOwnWork(() =>
      outcome.kind === "failed" ? this.#failed(outcome.thrown, undefined) : this.#store(outcome.outputs),
    );
  }

  async close(): Promise<void> {
    await this.#context.removeTemporaryFolder();
  }

  #readSecrets(): void {
    const { environment } = this.#environment;
    for (const name of this.#task.secrets) {
      const value = environment[name];
      if (value !== undefined) this.#secrets.set(name, value);
    }
  }

  async #decodeInputs(): Promise<{ readonly properties: object } | StepResult> {
    const values = new Map<string, unknown>();
    for (const { label, stored } of this.#task.inputs) {
      try {
        const materializer = this.#environment.materializers.byType(stored.type);
        values.set(label, await materializer.load(stored, this.#loadContext()));
      } catch (error) {
        const what = damageOf(error);
        if (what !== undefined) return { kind: "bad-input", label, digest: stored.digest, what };
        return this.#failed(error, undefined);
      }
    }
    try {
      return { properties: this.#properties(values) };
    } catch (error) {
      return this.#failed(error, undefined);
    }
  }

  #loadContext(): { readonly blobs: ArtifactStore; filesFolder(): Promise<string> } {
    return { blobs: this.#environment.artifacts, filesFolder: async () => this.#context.temporaryFolder("inputs") };
  }

  #properties(values: ReadonlyMap<string, unknown>): object {
    const fill = (label: string): unknown => (values.has(label) ? values.get(label) : this.#secret(label));
    const entries = this.#task.properties.map(({ name, bytes }) => [name, decodeCanonical(bytes, { fill })] as const);
    const properties = {};
    for (const [name, value] of entries)
      Object.defineProperty(properties, name, { value, enumerable: true, writable: true, configurable: true });
    return properties;
  }

  #secret(label: string): string {
    const name = label.replace(/^secret:/, "");
    const value = this.#secrets.get(name);
    if (value !== undefined) return value;
    throw new RunError("WS_EXECUTOR", {
      message: `The secret ${name} that step ${this.#task.step.name} needs has no value.`,
      hint: `Set the environment variable ${name} before the run.`,
    });
  }

  async #call(inputs: object): Promise<Outcome> {
    const { captureConsole, fn, monotonic } = this.#environment;
    const release = captureConsole((stream, text) => this.#output.write(stream, text));
    const stopObserving = observeWrites((write) => this.#effects.note(write));
    const began = monotonic();
    try {
      const returned = await enterStep(this.#task.step.name, () => fn(inputs, this.#context.context));
      return { kind: "done", outputs: await this.#drained(this.#outputsOf(returned)) };
    } catch (thrown) {
      return { kind: "failed", thrown };
    } finally {
      this.#durationMs = monotonic() - began;
      stopObserving();
      endObservation();
      this.#declared = this.#reads.variables;
      release();
    }
  }

  /** Generators and streams are read to their end within the step, so that what fails in them fails here. */
  async #drained(outputs: readonly NamedValue[]): Promise<readonly NamedValue[]> {
    const drained: NamedValue[] = [];
    for (const { name, value } of outputs) {
      const { materializer } = this.#task.outputs.find((output) => output.name === name) ?? {};
      const whole = materializer === undefined ? await drainLazy(value, this.#environment.signal) : value;
      drained.push({ name, value: whole });
    }
    return drained;
  }

  #outputsOf(value: unknown): readonly NamedValue[] {
    const { outputs, manyOutputs, step } = this.#task;
    const [only] = outputs;
    if (!manyOutputs && only !== undefined) return [{ name: only.name, value }];
    const names = outputs.map((output) => output.name);
    if (typeof value !== "object" || value === null) throw wrongOutputs(step.name, names, "it returned no object");
    const extra = Object.keys(value).filter((name) => !names.includes(name));
    if (extra.length > 0) throw wrongOutputs(step.name, names, `it also returned ${extra.join(", ")}`);
    const missing = names.filter((name) => !Object.hasOwn(value, name));
    if (missing.length > 0) throw wrongOutputs(step.name, names, `it returned no ${missing.join(", ")}`);
    return names.map((name) => ({ name, value: Reflect.get(value, name) as unknown }));
  }

  async #store(outputs: readonly NamedValue[]): Promise<StepResult> {
    try {
      const stored = [];
      for (const { name, value } of outputs) stored.push({ name, stored: await this.#save(name, value) });
      await this.#environment.artifacts.flush();
      const { finding, changed } = await this.#finding();
      // Last of all, so that whatever may have come in between is seen.
      const late = this.#late(outputs.map(({ value }) => value));
      const refused = this.#environment.observation?.reads.tooMany === true ? tooManyReads : late.refused;
      return {
        kind: "done",
        outputs: stored,
        ...finding,
        warnings: [...finding.warnings, ...late.warnings],
        ...(changed === undefined ? {} : { changed }),
        ...(refused === undefined ? {} : { refused }),
      };
    } catch (error) {
      const kept = error instanceof MaterializerError ? await this.#keepAside(outputs) : undefined;
      return this.#failed(error, kept);
    }
  }

  #late(values: readonly unknown[]): LateVerdict {
    const { observation } = this.#environment;
    if (observation === undefined || !wasLate(observation)) return { refused: undefined, warnings: [] };
    const read = [...this.#reads.paths, ...observation.reads.noted.map(({ path: file }) => file)];
    return judgeLate(observation, { ...this.#places(), ownFolders: this.#ownFolders(), values, read });
  }

  #save(name: string, value: unknown): Promise<StoredValue> {
    const wanted = this.#task.outputs.find((output) => output.name === name)?.materializer;
    const { artifacts, materializers, ownFolders } = this.#environment;
    const forbiddenPaths = [this.#task.temporaryRoot, ...ownFolders];
    return materializers.forValue(value, wanted).save(value, { blobs: artifacts, forbiddenPaths });
  }

  async #failed(thrown: unknown, keptAside: string | undefined): Promise<StepResult> {
    const { finding } = await this.#finding();
    const record = withoutSecrets(toErrorRecord(thrown), [...this.#secrets.values()]);
    const retryable = !(thrown instanceof MaterializerError || thrown instanceof PipelineError);
    const error =
      keptAside === undefined
        ? record
        : {
            ...record,
            hint: `${record.hint ?? ""} What the step returned is kept as plain fields in ${keptAside}`.trim(),
          };
    return { kind: "failed", error, retryable, ...finding, ...(keptAside === undefined ? {} : { keptAside }) };
  }

  async #finding(): Promise<{ readonly finding: StepFinding; readonly changed: string | undefined }> {
    const { effects, written, appended, unreadable } = await this.#effects.finish();
    for (const name of this.#environment.observation?.environment.names ?? []) this.#reads.env(name);
    const recorded = await this.#reads.finish(written);
    const observed = await this.#observed(written);
    const all = [...recorded.reads, ...observed.reads, ...this.#environment.sourcesEvaluated()];
    const { reads, conflicting } = readSetOf(all);
    const changed = [...new Set([...recorded.changed, ...observed.changed, ...conflicting, ...unreadable])];
    const log = await this.#storeLog();
    const { kind } = this.#environment;
    const finding: StepFinding = {
      reads,
      effects,
      unseen: this.#unseen(),
      undeclared: undeclaredReads(reads, { places: this.#declaredPlaces(), variables: this.#declared }),
      ...ignoredPart(this.#environment.observation?.environment.ignored ?? []),
      warnings: appended.map(appendWarning),
      metrics: this.#context.metrics,
      durationMs: this.#durationMs,
      executor: kind,
      ...(log === undefined ? {} : { log }),
    };
    return { finding, changed: changed.length === 0 ? undefined : changed.join(", ") };
  }

  async #observed(written: ReadonlySet<string>): Promise<RecordedReads> {
    const { digests, observation } = this.#environment;
    if (observation === undefined || observation.reads.tooMany || observation.reads.isEmpty)
      return { reads: [], changed: [] };
    return settleReads(observation.reads, { ...this.#places(), digests, ownFolders: this.#ownFolders(), written });
  }

  /** Folders whose content is no data of the step's. */
  readonly #ownFolders = lazy((): readonly string[] => {
    const { artifacts, temporaryRoot } = this.#task;
    const stores = artifacts === undefined ? [] : locationFolders(artifacts);
    return [temporaryRoot, ...this.#environment.ownFolders, ...stores].flatMap((folder) => [
      folder,
      realPathOf(folder),
    ]);
  });

  #unseen(): readonly UnseenActivity[] {
    const { kind, observation } = this.#environment;
    const unseen: UnseenActivity[] = [];
    if (kind === "in-process") unseen.push({ kind, name: kind, note: "nothing of the step's reads was kept apart" });
    if (observation === undefined) return unseen;
    if (observation.environment.readAll) unseen.push(wholeEnvironment);
    return [...unseen, ...unseenActivity(observation.activity.noted, this.#places())];
  }

  #declaredPlaces(): readonly string[] {
    return this.#reads.paths.map((file) => placeName(file, this.#places()));
  }

  #places(): PlaceNames {
    return { projectRoot: this.#task.projectRoot, nameOf: this.#environment.nameOf };
  }

  async #storeLog(): Promise<BlobInfo | undefined> {
    const bytes = this.#output.toBytes();
    return bytes === undefined ? undefined : this.#environment.artifacts.put(bytes);
  }

  async #keepAside(outputs: readonly NamedValue[]): Promise<string> {
    const { asideFolder, nodeId } = this.#task;
    const file = path.join(asideFolder, `${nodeId.replaceAll(/[^\w.-]/g, "_")}-${this.#task.seed.slice(0, 12)}.json`);
    const fields = Object.fromEntries(outputs.map(({ name, value }) => [name, describePlainFields(value)]));
    await mkdir(asideFolder, { recursive: true });
    await writeFile(file, `${JSON.stringify(fields, undefined, 1)}\n`);
    return file;
  }
}

const wholeEnvironment: UnseenActivity = {
  kind: "environment",
  name: "environment",
  note: "it read all of process.env at once, so that it is not known which variables count",
};

function ignoredPart(names: readonly string[]): Pick<StepFinding, "ignored"> {
  return names.length === 0 ? {} : { ignored: names };
}

const tooManyReads = `it read more than ${MOST_READS} files and folders`;

/** Undefined for a store that cannot be used: making the bytes again would not mend it. */
function damageOf(error: unknown): "missing" | "damaged" | undefined {
  if (!(error instanceof ArtifactError)) return undefined;
  if (error.code === "WS_ARTIFACT_MISSING") return "missing";
  return error.code === "WS_ARTIFACT_DAMAGED" ? "damaged" : undefined;
}

function wrongOutputs(step: string, names: readonly string[], what: string): PipelineError {
  return new PipelineError("WS_BAD_RESULT", {
    message: `Step ${step} declares the outputs ${names.join(", ")}, but ${what}.`,
    hint: `Return an object with exactly these properties: { ${names.join(", ")} }.`,
  });
}
