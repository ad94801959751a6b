import { structured } from "../../src/materializer/builtin/structured/structured.ts";
import { openArtifactStore } from "../../src/artifact-store/open-artifact-store.ts";
import type { StoredValue } from "../../src/model/artifact.ts";
import type { Bench, Benchmark } from "./harness/bench.ts";
import { ScratchFolder } from "./harness/project.ts";

const COUNT = 1_000_000;

const CARRIERS = ["AA", "B6", "DL", "UA", "WN"];

type Flight = Record<string, unknown>;

function record(index: number): Flight {
  return {
    id: index,
    carrier: CARRIERS[index % CARRIERS.length],
    origin: `AP${index % 330}`,
    destination: `AP${(index * 7) % 330}`,
    distance: (index * 37) % 4_000,
    delay: ((index * 13) % 600) / 4 - 20,
    late: index % 5 === 0,
    gate: index % 11 === 0 ? null : `G${index % 90}`,
    hour: index % 24,
    note: `flight number ${index} of the year`,
  };
}

export const benchmark: Benchmark = {
  name: "structured",
  about:
    "Saving and loading 1,000,000 records of 10 fields, hashed and kept in a local store (loading verifies), against JSON.stringify and JSON.parse in memory alone.",
  async run(bench) {
    await compareValues(bench, "1,000,000 records", 2, record);
    await compareValues(bench, "with a `Date` column", 3, (index) => ({
      ...record(index),
      hour: new Date(1_700_000_000_000 + index * 60_000),
    }));
    const aircraft = { type: "A320", seats: 180 };
    await compareValues(bench, "with a shared object", 3, (index) => ({ ...record(index), gate: aircraft }));
  },
};

async function compareValues(
  bench: Bench,
  title: string,
  limit: number,
  make: (index: number) => Flight,
): Promise<void> {
  using scratch = new ScratchFolder();
  await using store = await openArtifactStore({
    kind: "local",
    folder: scratch.path("artifacts"),
    durability: "process-crash",
  });
  const values = Array.from({ length: COUNT }, (_, index) => make(index));
  const text = JSON.stringify(values);
  let stored: StoredValue | undefined;
  await bench.compare({
    what: `${title}: save`,
    rounds: 3,
    ours: async () => {
      // Bytes that are there already are not written again.
      if (stored !== undefined) await store.delete(stored.blobs.map(({ digest }) => digest));
      const began = performance.now();
      stored = await structured.save(values, { blobs: store, forbiddenPaths: [] });
      return performance.now() - began;
    },
    floor: { name: "JSON.stringify", run: () => void JSON.stringify(values) },
    budget: { kind: "ratio", limit },
  });
  await bench.compare({
    what: `${title}: load`,
    rounds: 3,
    ours: async () => {
      if (stored === undefined) throw new Error("nothing was saved");
      await structured.load(stored, { blobs: store, filesFolder: async () => scratch.path("files") });
    },
    floor: { name: "JSON.parse", run: () => void JSON.parse(text) },
    budget: { kind: "ratio", limit },
  });
  bench.note(
    `${title}: ${((stored?.size ?? 0) / 1e6).toFixed(0)} MB stored, ${(text.length / 1e6).toFixed(0)} MB as JSON`,
  );
}
