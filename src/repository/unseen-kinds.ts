import type { UnseenKind } from "../model/reads.ts";

const known: Readonly<Record<UnseenKind, true>> = {
  network: true,
  native: true,
  child: true,
  thread: true,
  environment: true,
  code: true,
  "in-process": true,
};

/** Every kind of unseen activity, as words of `trust`. */
export const unseenKinds: readonly string[] = Object.keys(known);
