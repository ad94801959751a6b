/** A configuration of 20 fields as trainers have them, different for every number. */
export function configuration(seed: number): Record<string, unknown> {
  return {
    model: "gradient-boosting",
    rounds: 100,
    learningRate: 0.1,
    maxDepth: 6,
    minChildWeight: 1.5,
    subsample: 0.8,
    columns: ["carrier", "origin", "destination", "distance", "hour"],
    target: "delay",
    loss: "log-loss",
    seed,
    earlyStopping: { rounds: 10, metric: "auc", minimum: 0.0001 },
    weights: { late: 2.5, early: 1 },
    features: { hashing: true, buckets: 1024, crosses: [["carrier", "hour"]] },
    verbose: false,
    threads: 4,
    since: "2024-01-01",
    until: "2025-06-30",
    label: "flights, second try",
    baseline: null,
    quantiles: [0.05, 0.25, 0.5, 0.75, 0.95],
  };
}
