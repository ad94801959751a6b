import type { ArgumentSpec, CommandSpec, OptionSpec } from "./command-spec.ts";
import { SELECTING } from "./selecting-options.ts";

const json: OptionSpec = { name: "json", help: "one JSON document on standard output, and nothing else there" };
const repository: OptionSpec = {
  name: "repository",
  value: "FOLDER",
  help: "the repository's folder (also WARMSTART_REPOSITORY)",
};
const common: readonly OptionSpec[] = [json, repository];

const pipelineFile: ArgumentSpec = {
  name: "FILE",
  optional: true,
  help: "the module that exports the pipeline; without it, the only file in pipelines/",
};

/** Every command, in the order of the help. What a command does is imported when it is called. */
export const COMMANDS: readonly CommandSpec[] = [
  {
    name: "init",
    summary: "write a first pipeline of eight lines",
    arguments: [{ name: "FOLDER", optional: true, help: "the project; the working directory unless told" }],
    options: [json],
    examples: [["warmstart init", "writes pipelines/hello.ts, and says what to type next"]],
    load: async () => (await import("./commands/init.ts")).init,
  },
  {
    name: "run",
    summary: "run a pipeline: reuse what is stored, compute the rest",
    arguments: [pipelineFile],
    options: [
      ...SELECTING,
      { name: "parallel", value: "N", help: "how many steps compute at once" },
      { name: "continue", help: "after a failure, go on with the steps that do not need the failed one" },
      { name: "logs", help: "also show what reused steps wrote when they were computed" },
      { name: "quiet", help: "hide what steps write to the console" },
      ...common,
    ],
    examples: [
      ["warmstart run", "the only pipeline in pipelines/"],
      ["warmstart run pipelines/flights.ts --param rounds=200", "with a parameter"],
      ["warmstart run flights.ts --refresh load", "compute the step `load` anew, and what changes because of it"],
      ["warmstart run flights.ts --from train", "fail rather than compute anything before `train`"],
    ],
    load: async () => (await import("./commands/run.ts")).run,
  },
  {
    name: "plan",
    summary: "say what a run would reuse and compute, and why; compute nothing",
    arguments: [pipelineFile],
    options: [...SELECTING, ...common],
    examples: [["warmstart plan flights.ts --param rounds=200", "what would this parameter cost?"]],
    load: async () => (await import("./commands/plan.ts")).plan,
  },
  {
    name: "explain",
    summary: "say why steps were computed or reused, difference by difference",
    arguments: [
      {
        name: "WHAT",
        optional: true,
        help: "a run's number, a step's name, a pipeline's file, or `latest` (the default)",
      },
      { name: "STEP", optional: true, help: "of a run or file, this step or node alone" },
    ],
    options: [...SELECTING.map((option) => ({ ...option, help: `with a file: ${option.help}` })), ...common],
    examples: [
      ["warmstart explain", "every step of the latest run"],
      ["warmstart explain 15", "every step of run 15"],
      ["warmstart explain 15 train", "the step `train` of run 15"],
      ["warmstart explain train", "the latest execution of the step `train`"],
      ["warmstart explain flights.ts", "what a run would do now, with every difference"],
    ],
    load: async () => (await import("./commands/explain.ts")).explain,
  },
  {
    name: "runs",
    summary: "list runs, the newest first",
    arguments: [],
    options: [
      { name: "pipeline", value: "NAME", help: "only runs of this pipeline" },
      { name: "state", value: "STATE", help: "only running, complete, failed or canceled ones" },
      { name: "limit", value: "N", help: "at most so many; 20 unless told" },
      ...common,
    ],
    examples: [["warmstart runs --pipeline flights --state failed", "what went wrong lately?"]],
    load: async () => (await import("./commands/runs.ts")).runs,
  },
  {
    name: "show",
    summary: "show one run: parameters, where it came from, steps, results",
    arguments: [{ name: "RUN", optional: true, help: "a run's number, or `latest` (the default)" }],
    options: common,
    examples: [["warmstart show 15", "everything about run 15"]],
    load: async () => (await import("./commands/show.ts")).show,
  },
  {
    name: "diff",
    summary: "compare two runs: parameters, code, inputs, outputs, metrics, times",
    arguments: [
      { name: "RUN", optional: true, help: "the earlier run; alone, it is compared with the one before it" },
      { name: "RUN", optional: true, help: "the later run" },
      { name: "STEP", optional: true, help: "this step or node alone" },
    ],
    options: common,
    examples: [
      ["warmstart diff", "the latest run against the one of its pipeline before it"],
      ["warmstart diff 14 15", "what is different in run 15?"],
      ["warmstart diff 14 latest train", "the step `train` alone"],
    ],
    load: async () => (await import("./commands/diff.ts")).diff,
  },
  {
    name: "logs",
    summary: "show what the steps of a run wrote",
    arguments: [
      { name: "RUN", optional: true, help: "a run's number, or `latest` (the default)" },
      { name: "STEP", optional: true, help: "one step or node; all unless told" },
    ],
    options: common,
    examples: [
      ["warmstart logs 15 train", "what did `train` write in run 15?"],
      ["warmstart logs train", "and in the latest run?"],
    ],
    load: async () => (await import("./commands/logs.ts")).logs,
  },
  {
    name: "artifacts",
    summary: "list stored results, write one out, or open it",
    arguments: [
      { name: "ACTION", optional: true, help: "list (the default), get or open" },
      { name: "REF", optional: true, help: "name, name@3, an id, or RUN/RESULT as in 15/model" },
    ],
    options: [
      { name: "out", value: "PATH", help: "get: where to write it; standard output for text unless told" },
      { name: "raw", help: "get: the stored bytes as they are" },
      { name: "name", value: "NAME", help: "list: only artifacts of this name" },
      { name: "type", value: "TYPE", help: "list: only this type: html, file, structured, …" },
      { name: "limit", value: "N", help: "list: at most so many; 20 unless told" },
      ...common,
    ],
    examples: [
      ["warmstart artifacts list --name late-model", "all versions of a named result"],
      ["warmstart artifacts get 15/report --out report.html", "write a result of run 15 to a file"],
      ["warmstart artifacts open 15/report", "look at it"],
    ],
    load: async () => (await import("./commands/artifacts.ts")).artifacts,
  },
  {
    name: "audit",
    summary: "run stored steps again, aside, and say which give another result",
    arguments: [pipelineFile],
    options: [
      { name: "pipeline", value: "NAME", help: "which pipeline of the file, where it exports several" },
      { name: "step", value: "STEP", repeatable: true, help: "only this step" },
      { name: "sample", value: "PART", help: "only a part of the steps: 1%, or so many of them" },
      { name: "seed", value: "N", help: "takes the sample that an earlier audit printed" },
      {
        name: "param",
        value: "NAME=VALUE",
        repeatable: true,
        help: "a parameter; those of the latest run unless told",
      },
      { name: "params", value: "FILE", help: "parameters from a JSON file; --param goes before it" },
      { name: "side-effects", help: "also run steps again that wrote files: they write them again" },
      { name: "parallel", value: "N", help: "how many steps run at once" },
      ...common,
    ],
    examples: [
      ["warmstart audit", "does every stored step still give what is stored?"],
      ["warmstart audit flights.ts --sample 1%", "a part of them; the seed is printed"],
      ["warmstart audit --step train", "one step, with what differs in its result"],
    ],
    load: async () => (await import("./commands/audit.ts")).audit,
  },
  {
    name: "accept",
    summary: "offer a step's stored results for its changed code, where that gives the same",
    arguments: [{ name: "STEP", help: "the step of which the code changed" }, pipelineFile],
    options: [
      { name: "pipeline", value: "NAME", help: "which pipeline of the file, where it exports several" },
      { name: "verify", value: "N", help: "run the new code on so many stored results' inputs; on all unless told" },
      { name: "unverified", help: "run nothing; what is adopted is marked so for ever" },
      { name: "budget", value: "TIME", help: "how long results are compared; 10min unless told" },
      { name: "side-effects", help: "also run steps that wrote files: they write them again" },
      { name: "parallel", value: "N", help: "how many steps run at once" },
      { name: "undo", help: "take what the step's last acceptance adopted out of use, and nothing else" },
      ...common,
    ],
    examples: [
      ["warmstart accept train", "run the new code on every stored result's inputs, aside; adopt what is equal"],
      ["warmstart accept train --verify 5", "on five of them, and adopt the others on that evidence"],
      ["warmstart accept train --undo", "and back"],
    ],
    load: async () => (await import("./commands/accept.ts")).accept,
  },
  {
    name: "doctor",
    summary: "check Node, the project and the repository",
    arguments: [],
    options: common,
    examples: [["warmstart doctor", "is everything as it should be?"]],
    load: async () => (await import("./commands/doctor.ts")).doctor,
  },
];
