/// <reference lib="esnext.disposable" preserve="true" />
export {
  ArtifactError,
  CodeIdentityError,
  EncodingError,
  MaterializerError,
  MetadataError,
  PipelineError,
  RepositoryError,
  RunError,
  WarmstartError,
} from "./errors.ts";
export { artifact } from "./pipeline/artifact-reference.ts";
export type { Output } from "./pipeline/output.ts";
export { pipeline } from "./pipeline/pipeline.ts";
export type { ParametersOf, Pipeline } from "./pipeline/pipeline-types.ts";
export { secret } from "./pipeline/secret.ts";
export { step } from "./pipeline/step.ts";
export type { StepContext } from "./pipeline/step-context.ts";
export type { CachePolicy, Duration, StepOptions, Trust } from "./pipeline/step-options.ts";
export { materializer } from "./pipeline/user-materializer.ts";
export { value } from "./pipeline/value.ts";
export { directory, file, html, svg } from "./pipeline/value-kinds.ts";
export type { DirectoryValue, FileValue, HtmlReport, SvgReport } from "./pipeline/value-kinds.ts";
export { defineConfig } from "./repository/config.ts";
export type { Config } from "./repository/config.ts";
export type { Loaded, LoadedOutput, LoadedValues } from "./repository/loaded-results.ts";
export { Repository } from "./repository/repository.ts";
export type { OpenOptions } from "./repository/open-repository.ts";
export type { AcceptOptions, AcceptReport, UndoReport } from "./repository/acceptance-report.ts";
export type { AuditedStep, AuditOptions, AuditReport } from "./repository/repository-audit.ts";
export type { PlanOptions, Run, RunOptions } from "./repository/repository-run.ts";
export type { Explanation, RepositoryQueries } from "./repository/repository-queries.ts";
export { run } from "./repository/run.ts";
export type { RunEvent, RunObserver } from "./runtime/run-event.ts";
