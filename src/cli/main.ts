#!/usr/bin/env node
// Must parse, and say its one sentence, on Node releases that know nothing of what the rest uses: no import, no await.
const needed = 24;

if (Number.parseInt(process.versions.node, 10) < needed) {
  process.stderr.write(`warmstart needs Node ${needed} or newer; this is Node ${process.versions.node}.\n`);
  process.exitCode = 2;
} else {
  void import("./program.ts").then((module) => module.runProcess());
}

export {};
