import { unseenKinds } from "../model/reads.ts";

/** What a list of words of trust looks like, for those who gave another one. */
export const trustExpected: string = `an array of ${unseenKinds.map((kind) => `"${kind}"`).join(", ")}, or with what exactly ("network:api.openai.com")`;

/** Whether a value is a word of trust: a kind of unseen activity, alone or with what exactly. */
export function isTrust(value: unknown): boolean {
  if (typeof value !== "string") return false;
  const kinds: readonly string[] = unseenKinds;
  const colon = value.indexOf(":");
  if (colon < 0) return kinds.includes(value);
  return kinds.includes(value.slice(0, colon)) && colon < value.length - 1;
}
