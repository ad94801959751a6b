import { parseArgs } from "node:util";
import { readPrograms } from "./programs.ts";
import { runSuite } from "./suite.ts";
import { describeFinding } from "./tally.ts";

const { values } = parseArgs({
  options: {
    count: { type: "string", default: "1000" },
    seed: { type: "string", default: "1" },
    from: { type: "string", default: "0" },
    programs: { type: "string" },
    show: { type: "string", default: "stale,not equivalent,needless,unexplained" },
    kinds: { type: "boolean", default: false },
    code: { type: "string", default: "symbols" },
  },
});

const begun = performance.now();
const [count, seed] = [Number(values.count), Number(values.seed)];
const tally = await runSuite({
  programs: readPrograms(values.programs?.split(",")),
  seed,
  count,
  grain: values.code === "files" ? "files" : "symbols",
  from: Number(values.from),
  onProgress: (done) => {
    if (done % 100 === 0) console.error(`${done} of ${count}, ${((performance.now() - begun) / 1000).toFixed(0)} s`);
  },
});
const shown = values.show.split(",");
for (const finding of tally.findings) if (shown.includes(finding.verdict)) console.log(`${describeFinding(finding)}\n`);
if (values.kinds) {
  for (const [kind, counts] of [...tally.kinds].toSorted(([a], [b]) => (a < b ? -1 : 1)))
    console.log(`${kind}: ${[...counts].map(([verdict, number]) => `${verdict} ${number}`).join(", ")}`);
}
console.log(
  `seed ${seed}, ${count} mutations: ${tally.summary()} in ${((performance.now() - begun) / 1000).toFixed(0)} s`,
);
