import type { CachePolicy } from "../pipeline/step-options.ts";
import { parseDuration } from "../pipeline/duration.ts";
import type { UnseenActivity } from "../model/reads.ts";

/** Who can say how a step's cache is used, the strongest first. */
export interface PolicySources {
  readonly run: CachePolicy | undefined;
  readonly step: CachePolicy | undefined;
  readonly pipeline: CachePolicy | undefined;
  readonly repository: CachePolicy | undefined;
}

/** What a look-up does for one step, and who said so. */
export interface EffectivePolicy {
  readonly mode: "use" | "refresh" | "off";
  /** Milliseconds since a result was computed after which it is no longer used. */
  readonly ttlMs: number | undefined;
  readonly from: keyof PolicySources | "default";
}

const order = ["run", "step", "pipeline", "repository"] as const;

/** The one precedence rule: run flag, step, pipeline, repository; `use` where nobody says anything. */
export function effectivePolicy(sources: PolicySources): EffectivePolicy {
  for (const from of order) {
    const policy = sources[from];
    if (policy === undefined) continue;
    if (typeof policy === "string") return { mode: policy, ttlMs: undefined, from };
    return { mode: "use", ttlMs: parseDuration(policy.ttl), from };
  }
  return { mode: "use", ttlMs: undefined, from: "default" };
}

/**
 * Whether a step says for how long, or by what version, foreign data counts: that answers for the network and for nothing
 * else. What one run asks for changes nothing of it.
 */
export function answersForNetwork(sources: PolicySources, hasDataVersion: boolean): boolean {
  return hasDataVersion || effectivePolicy({ ...sources, run: undefined }).ttlMs !== undefined;
}

/** What nobody vouched for. `network` covers every host; `network:api.example.com` that one. */
export function untrusted(unseen: readonly UnseenActivity[], trust: ReadonlySet<string>): readonly UnseenActivity[] {
  return unseen.filter(({ kind, name }) => !trust.has(kind) && !trust.has(`${kind}:${name}`));
}

/** The words that vouch for all of it: `network:api.example.com`, `native`. Each once. */
export function trustWords(unseen: readonly UnseenActivity[]): readonly string[] {
  return [...new Set(unseen.map(trustWord))];
}

/** The word that vouches for one of them. */
export function trustWord({ kind, name }: UnseenActivity): string {
  return name === "" || name === kind ? kind : `${kind}:${name}`;
}

/** Whether a result of that age may be used. A negative age (a clock that was wrong) counts as expired. */
export function withinTtl(computedAt: number, now: number, ttlMs: number | undefined): boolean {
  if (ttlMs === undefined) return true;
  const age = now - computedAt;
  return age >= 0 && age <= ttlMs;
}
