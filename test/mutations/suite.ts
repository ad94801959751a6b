import { Behaviour } from "./behaviour.ts";
import type { BehaviourReply } from "./behaviour.ts";
import { Identities } from "./identities.ts";
import type { Grain, StepIdentities } from "./identities.ts";
import type { Mutation } from "./mutation.ts";
import { mutationAt } from "./mutation-kinds.ts";
import { namesEdit } from "./names-edit.ts";
import { ParsedProgram } from "./parsed-program.ts";
import type { MutationProgram } from "./programs.ts";
import { Tally } from "./tally.ts";
import type { Verdict } from "./tally.ts";

export interface SuiteRequest {
  readonly programs: readonly MutationProgram[];
  readonly seed: number;
  readonly count: number;
  readonly grain: Grain;
  /** The number of the first mutation; 0 unless told. */
  readonly from?: number;
  readonly onProgress?: (done: number) => void;
}

/** Applies mutations to programs, and compares what their steps do with what their identities say. */
export async function runSuite({ programs, seed, count, grain, from = 0, onProgress }: SuiteRequest): Promise<Tally> {
  const parsed = programs.map((program) => new ParsedProgram(program));
  const numbers = Array.from({ length: count }, (_, index) => from + index);
  const weighted = parsed.flatMap((program) => Array.from({ length: program.program.weight }, () => program));
  const mutations = numbers.map((index) => mutationAt(seed, index, weighted));
  const tally = new Tally();
  let done = 0;
  // One program after the other: each needs a process of its own.
  for (const program of parsed) {
    const own = mutations.filter((mutation) => mutation.program === program);
    if (own.length === 0) continue;
    await using judge = await Judge.start(program, grain);
    for (const mutation of own) {
      await judge.decide(mutation, tally);
      onProgress?.(++done);
    }
  }
  return tally;
}

interface Version {
  readonly outcomes: Readonly<Record<string, string>>;
  readonly identities: StepIdentities;
}

class Judge implements AsyncDisposable {
  readonly #program: MutationProgram;
  readonly #behaviour: Behaviour;
  readonly #identities: Identities;
  readonly #before: Version;

  private constructor(program: MutationProgram, behaviour: Behaviour, identities: Identities, before: Version) {
    this.#program = program;
    this.#behaviour = behaviour;
    this.#identities = identities;
    this.#before = before;
  }

  static async start({ program }: ParsedProgram, grain: Grain): Promise<Judge> {
    const behaviour = new Behaviour(program);
    const identities = new Identities(program, grain);
    const [first, again] = [await behaviour.of({}), await behaviour.of({})];
    if ("broken" in first) throw new Error(`${program.name} does not load: ${first.broken}`);
    if (JSON.stringify(first) !== JSON.stringify(again)) throw new Error(`${program.name} does not do the same twice`);
    return new Judge(program, behaviour, identities, { outcomes: first.outcomes, identities: await identities.of({}) });
  }

  async decide(mutation: Mutation, tally: Tally): Promise<void> {
    const running = this.#behaviour.of(mutation.edits);
    const identities = await this.#identities.of(mutation.edits, this.#before.identities);
    const reply = await running;
    for (const { name } of this.#program.steps) {
      const verdict = await this.#verdict(mutation, name, identities, reply);
      tally.add(mutation, name, verdict, this.#detail(name, identities, reply));
      if (verdict === "miss" && !(await this.#isNamed(mutation, name, identities)))
        tally.add(mutation, name, "unexplained", this.#detail(name, identities, reply));
    }
  }

  async #verdict(mutation: Mutation, step: string, after: StepIdentities, reply: BehaviourReply): Promise<Verdict> {
    const equivalent = mutation.equivalent && mutation.exceptFor?.includes(step) !== true;
    const missed = isChanged(this.#before.identities[step], after[step]);
    // A program that does not load asks for nothing.
    if ("broken" in reply) return equivalent ? await this.#suspect(mutation, step, "not equivalent") : "not loaded";
    const differs = reply.outcomes[step] !== this.#before.outcomes[step];
    if (!differs) return !missed ? (equivalent ? "hit" : "undecided hit") : equivalent ? "needless" : "undecided miss";
    if (equivalent) return this.#suspect(mutation, step, "not equivalent");
    return missed ? "miss" : this.#suspect(mutation, step, "stale");
  }

  /** Asks again in processes that have run nothing else. */
  async #suspect(mutation: Mutation, step: string, verdict: Verdict): Promise<Verdict> {
    const before = await this.#behaviour.afresh({}, step);
    const after = await this.#behaviour.afresh(mutation.edits, step);
    const text = (reply: BehaviourReply): string | undefined =>
      "broken" in reply ? reply.broken : reply.outcomes[step];
    return text(before) === text(after) ? "undecided hit" : verdict;
  }

  async #isNamed(mutation: Mutation, step: string, after: StepIdentities): Promise<boolean> {
    const [old, now] = [this.#before.identities[step], after[step]];
    // An identity that cannot be told names its file in its error.
    if (old === undefined || now === undefined || "error" in old || "error" in now) return true;
    return namesEdit(old, now, mutation);
  }

  #detail(step: string, identities: StepIdentities, reply: BehaviourReply): string {
    const identity = identities[step];
    const flags =
      identity === undefined ? [] : "error" in identity ? [identity.error] : identity.unseen.map(({ name }) => name);
    const outcome = "broken" in reply ? reply.broken : (reply.outcomes[step] ?? "");
    return [firstDifference(this.#before.outcomes[step] ?? "", outcome), ...flags].join(" | ");
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#identities[Symbol.dispose]();
    await this.#behaviour[Symbol.asyncDispose]();
  }
}

/** An identity that cannot be told is never a hit. */
function isChanged(before: StepIdentities[string] | undefined, after: StepIdentities[string] | undefined): boolean {
  if (before === undefined || after === undefined || "error" in before || "error" in after) return true;
  return before.digest !== after.digest;
}

function firstDifference(before: string, after: string): string {
  let at = 0;
  while (at < before.length && before[at] === after[at]) at++;
  if (at === before.length && at === after.length) return "same outcome";
  const from = Math.max(0, at - 20);
  return `${JSON.stringify(before.slice(from, at + 60))} → ${JSON.stringify(after.slice(from, at + 60))}`;
}
