import { createHash } from "node:crypto";
import { canonicalDigest, decodeCanonical, encodeCanonical } from "../../src/encoding/canonical.ts";
import { configuration } from "../pipelines/configuration.ts";
import type { Benchmark } from "./harness/bench.ts";

const TIMES = 20_000;

export const benchmark: Benchmark = {
  name: "encoding",
  about:
    "Canonical encoding of a configuration of 20 fields, against JSON text, which depends on the order of properties and takes many different values for equal.",
  async run(bench) {
    const configurations = Array.from({ length: 100 }, (_, seed) => configuration(seed));
    const encoded = configurations.map((value) => encodeCanonical(value));
    const texts = configurations.map((value) => JSON.stringify(value));
    const each =
      <T>(values: readonly T[], work: (value: T) => unknown) =>
      () => {
        for (let index = 0; index < TIMES; index++) work(values[index % values.length] as T);
      };
    await bench.compare({
      what: "canonical digest of a configuration",
      per: TIMES,
      rounds: 9,
      ours: each(configurations, (value) => canonicalDigest(value)),
      floor: {
        name: "JSON.stringify + SHA-256",
        run: each(configurations, (value) => createHash("sha256").update(JSON.stringify(value)).digest("hex")),
      },
    });
    await bench.compare({
      what: "canonical bytes of a configuration",
      per: TIMES,
      rounds: 9,
      ours: each(configurations, (value) => encodeCanonical(value)),
      floor: { name: "JSON.stringify", run: each(configurations, (value) => JSON.stringify(value)) },
    });
    await bench.compare({
      what: "a configuration from its canonical bytes",
      per: TIMES,
      rounds: 9,
      ours: each(encoded, (bytes) => decodeCanonical(bytes)),
      floor: { name: "JSON.parse", run: each(texts, (text) => JSON.parse(text)) },
    });
  },
};
