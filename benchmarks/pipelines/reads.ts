import { pipeline, step } from "warmstart";
import { readWork } from "./read-work.ts";

const read = step("read", readWork);

export const reads = pipeline("reads", ({ how, folder, count }: Parameters<typeof readWork>[0]) => ({
  sum: read({ how, folder, count }),
}));
