/** The numbers from 0 to `count - 1` in an order that depends on the seed alone (Fisher and Yates' shuffle). */
export function shuffled(count: number, seed: number): Uint32Array {
  const order = Uint32Array.from({ length: count }, (_, index) => index);
  const next = randomIntegers(seed);
  for (let last = count - 1; last > 0; last--) {
    const pick = next() % (last + 1);
    const kept = order[last] as number;
    order[last] = order[pick] as number;
    order[pick] = kept;
  }
  return order;
}

/** A stream of unsigned 32-bit integers: an integer mixer applied to a counter. */
function randomIntegers(seed: number): () => number {
  let counter = seed >>> 0;
  return () => {
    counter = (counter + 0x9e3779b9) >>> 0;
    let x = Math.imul(counter ^ (counter >>> 16), 0x85ebca6b);
    x = Math.imul(x ^ (x >>> 13), 0xc2b2ae35);
    return (x ^ (x >>> 16)) >>> 0;
  };
}
