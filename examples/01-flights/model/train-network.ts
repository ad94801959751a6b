import { dirname, sep } from "node:path";
import { fileURLToPath } from "node:url";
import type { LayersModel } from "@tensorflow/tfjs-layers";
import type { Layer } from "./delay-model.ts";
import { DelayModel } from "./delay-model.ts";
import type { FlightColumns } from "./flight-features.ts";
import { FlightEncoder, fitScaling, inputWidth } from "./flight-features.ts";
import { shuffled } from "./shuffled.ts";

export interface TrainingPlan {
  readonly learningRate: number;
  readonly epochs: number;
  /** Sizes of the hidden layers. */
  readonly layers: readonly number[];
  readonly seed: number;
  readonly batchSize: number;
  /** Flights shown per epoch; the next epoch goes on where this one stopped in the shuffled table. */
  readonly flightsPerEpoch: number;
}

/**
 * Trains a feed-forward network on the WebAssembly backend of TensorFlow.js. One thread, seeded weights, a seeded order
 * of the flights: the same plan and data give the same weights to the last bit.
 */
export async function trainNetwork(
  flights: FlightColumns,
  late: Float32Array,
  plan: TrainingPlan,
  afterEpoch: (epoch: number, loss: number) => void,
): Promise<DelayModel> {
  const tf = await loadEngine();
  const network = buildNetwork(tf, plan);
  const scaling = fitScaling(flights);
  const encoder = new FlightEncoder(flights, scaling);
  const order = shuffled(late.length, plan.seed);
  const perEpoch = Math.min(plan.flightsPerEpoch, late.length);
  const inputs = new Float32Array(plan.batchSize * inputWidth);
  const labels = new Float32Array(plan.batchSize);
  let at = 0;
  for (let epoch = 1; epoch <= plan.epochs; epoch++) {
    let loss = 0;
    const batches = Math.floor(perEpoch / plan.batchSize);
    for (let batch = 0; batch < batches; batch++) {
      for (let i = 0; i < plan.batchSize; i++, at = (at + 1) % order.length) {
        const row = order[at] as number;
        encoder.encode(row, inputs, i * inputWidth);
        labels[i] = late[row] as number;
      }
      const x = tf.tensor2d(inputs, [plan.batchSize, inputWidth]);
      const y = tf.tensor2d(labels, [plan.batchSize, 1]);
      loss += (await network.trainOnBatch(x, y)) as number;
      x.dispose();
      y.dispose();
    }
    afterEpoch(epoch, loss / batches);
  }
  return new DelayModel(layersOf(network), scaling);
}

type Engine = Awaited<ReturnType<typeof loadEngine>>;

async function loadEngine() {
  const core = await import("@tensorflow/tfjs-core");
  const layers = await import("@tensorflow/tfjs-layers");
  const wasm = await import("@tensorflow/tfjs-backend-wasm");
  wasm.setWasmPaths(dirname(fileURLToPath(import.meta.resolve("@tensorflow/tfjs-backend-wasm"))) + sep);
  await core.setBackend("wasm");
  return {
    tensor2d: core.tensor2d,
    train: core.train,
    layers: layers.layers,
    initializers: layers.initializers,
    sequential: layers.sequential,
  };
}

function buildNetwork(tf: Engine, plan: TrainingPlan): LayersModel {
  const network = tf.sequential();
  for (const [depth, units] of [...plan.layers, 1].entries()) {
    const kernelInitializer = tf.initializers.glorotUniform({ seed: plan.seed + depth });
    const activation = depth < plan.layers.length ? "relu" : "sigmoid";
    network.add(
      tf.layers.dense({ units, activation, kernelInitializer, ...(depth === 0 && { inputShape: [inputWidth] }) }),
    );
  }
  network.compile({ optimizer: tf.train.adam(plan.learningRate), loss: "binaryCrossentropy" });
  return network;
}

/** Copies the weights out of the engine's memory. */
function layersOf(network: LayersModel): Layer[] {
  const tensors = network.getWeights();
  return Array.from({ length: tensors.length / 2 }, (_, depth) => {
    const [weights, bias] = [tensors[2 * depth], tensors[2 * depth + 1]];
    if (weights === undefined || bias === undefined) throw new Error(`layer ${depth} has no weights`);
    const [inputs = 0, outputs = 0] = weights.shape;
    return {
      inputs,
      outputs,
      weights: Float32Array.from(weights.dataSync()),
      bias: Float32Array.from(bias.dataSync()),
    };
  });
}
