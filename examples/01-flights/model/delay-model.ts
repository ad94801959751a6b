import { materializer } from "warmstart";
import type { FlightColumns, Scaling } from "./flight-features.ts";
import { FlightEncoder, inputWidth } from "./flight-features.ts";

/** One fully connected layer: `weights[i * outputs + o]` leads from input `i` to output `o`. */
export interface Layer {
  readonly inputs: number;
  readonly outputs: number;
  readonly weights: Float32Array;
  readonly bias: Float32Array;
}

/**
 * A trained network that answers with the probability that a flight arrives more than 15 minutes late.
 *
 * It computes its answers itself, so whoever reads a stored model needs no machine-learning library.
 */
export class DelayModel {
  readonly layers: readonly Layer[];
  readonly scaling: Scaling;

  constructor(layers: readonly Layer[], scaling: Scaling) {
    this.layers = layers;
    this.scaling = scaling;
  }

  /** The probability of a late arrival for each flight, from 0 to 1. */
  predict(flights: FlightColumns): Float32Array {
    const encoder = new FlightEncoder(flights, this.scaling);
    const input = new Float32Array(inputWidth);
    const steps = this.layers.map((layer) => ({ layer, output: new Float64Array(layer.outputs) }));
    const answers = new Float32Array(flights.hour.length);
    for (let row = 0; row < answers.length; row++) {
      encoder.encode(row, input, 0);
      let values: Numbers = input;
      for (const { layer, output } of steps) values = forward(layer, values, output, layer.outputs > 1);
      answers[row] = 1 / (1 + Math.exp(-(values[0] ?? 0)));
    }
    return answers;
  }
}

type Numbers = Float32Array | Float64Array;

function forward({ outputs, weights, bias }: Layer, input: Numbers, output: Float64Array, rectify: boolean): Numbers {
  output.set(bias);
  for (let i = 0; i < input.length; i++) {
    const x = input[i] as number;
    if (x === 0) continue;
    const row = i * outputs;
    for (let o = 0; o < outputs; o++) output[o] = (output[o] as number) + x * (weights[row + o] as number);
  }
  if (rectify) for (let o = 0; o < outputs; o++) if ((output[o] as number) < 0) output[o] = 0;
  return output;
}

/** How a `DelayModel` is kept: its plain fields. Typed arrays are stored as they are, bit for bit. */
export const delayModel = materializer("delay-model", {
  version: 1,
  is: (candidate: unknown): candidate is DelayModel => candidate instanceof DelayModel,
  save: (model: DelayModel) => ({ layers: model.layers, scaling: model.scaling }),
  load: ({ layers, scaling }) => new DelayModel(layers, scaling),
});
