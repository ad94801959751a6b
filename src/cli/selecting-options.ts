import type { OptionSpec } from "./command-spec.ts";

/** What decides which part of a pipeline is run, with which parameters, and how. */
export const SELECTING: readonly OptionSpec[] = [
  { name: "pipeline", value: "NAME", help: "which pipeline of the file, where it exports several" },
  { name: "param", value: "NAME=VALUE", repeatable: true, help: "a parameter; JSON where it is JSON, else text" },
  { name: "params", value: "FILE", help: "parameters from a JSON file; --param goes before it" },
  { name: "refresh", value: "STEP", repeatable: true, help: "compute this step anew, whatever is stored" },
  { name: "no-cache", help: "compute every step, and keep no result for later" },
  { name: "from", value: "STEP", repeatable: true, help: "everything before this step must be stored already" },
  { name: "to", value: "STEP", repeatable: true, help: "nothing behind this step is run" },
  { name: "only", value: "STEP", repeatable: true, help: "both: this step alone" },
  {
    name: "trust",
    value: "KIND",
    repeatable: true,
    help: "vouch for unseen activity in this run: network:api.example.com",
  },
];
