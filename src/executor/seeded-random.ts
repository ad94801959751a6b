import { digestToBytes } from "../encoding/digest.ts";
import type { Digest } from "../encoding/digest.ts";

/**
 * Numbers in [0, 1) that depend on the seed alone: the generator `sfc32` (Chris Doty-Humphrey, PractRand), whose state
 * is filled from the first 12 bytes of the digest and stirred 15 times.
 */
export function seededRandom(seed: Digest): () => number {
  const bytes = digestToBytes(seed);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  let [a, b, c, counter] = [view.getUint32(0), view.getUint32(4), view.getUint32(8), 1];
  const next = (): number => {
    const sum = (((a + b) | 0) + counter) | 0;
    counter = (counter + 1) | 0;
    a = b ^ (b >>> 9);
    b = (c + (c << 3)) | 0;
    c = (((c << 21) | (c >>> 11)) + sum) | 0;
    return (sum >>> 0) / 4_294_967_296;
  };
  for (let round = 0; round < 15; round++) next();
  return next;
}
