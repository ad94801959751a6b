import { createHmac } from "node:crypto";
import { readFile } from "node:fs/promises";
import { pipeline, secret, step } from "warmstart";

interface Price {
  readonly thing: string;
  readonly price: number;
}

/** The file counts by its content: an edit is a miss, and undoing it a hit. */
const read = step("read", async ({ path }: { path: string }, ctx): Promise<Price[]> => {
  const text = await readFile(ctx.file(path), "utf8");
  return text
    .trim()
    .split("\n")
    .map((line) => line.split(","))
    .map(([thing = "", price = ""]) => ({ thing, price: Number(price) }));
});

/** Stands for a service whose answer changes by itself: what is older than an hour is asked for again. */
const rates = step("rates", { cache: { ttl: "1h" } }, async (): Promise<Record<string, number>> => {
  return { EUR: 1, USD: 1.16, CHF: 0.93 };
});

/** The variable counts by its value, for this step alone. */
const convert = step("convert", ({ prices, rates }: { prices: Price[]; rates: Record<string, number> }, ctx) => {
  const currency = ctx.env("CURRENCY") ?? "EUR";
  const rate = rates[currency];
  if (rate === undefined) throw new RangeError(`no rate is known for ${currency}`);
  ctx.log(`1 EUR is ${rate} ${currency}`);
  return prices.map(({ thing, price }) => `${thing} ${(price * rate).toFixed(2)} ${currency}`);
});

/** The secret's name counts, its value does not, and the value is stored nowhere. */
const sign = step("sign", ({ lines, key }: { lines: string[]; key: string }) =>
  createHmac("sha256", key).update(lines.join("\n")).digest("hex"),
);

export default pipeline("prices", ({ path = "prices.csv" }: { path?: string }) => {
  const lines = convert({ prices: read({ path }), rates: rates({}) });
  return { lines, signature: sign({ lines, key: secret("SIGNING_KEY") }) };
});
