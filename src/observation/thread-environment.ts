import { inspect } from "node:util";
import type { Environment } from "./environment-digest.ts";
import { isObserved, isStepWork } from "./own-work.ts";
import { endFillingEnvironment, isFillingEnvironment } from "./settings-module.ts";
import { ignoredBy } from "./variable-rules.ts";
import type { VariableRules } from "./variable-rules.ts";

/** The variables that a thread reads, from its first module on. */
export class ThreadEnvironment {
  readonly #read = new Set<string>();
  readonly #written = new Set<string>();
  readonly #target: NodeJS.ProcessEnv;
  /** Names that were listed and not looked at one by one since: when none is left, all values were copied. */
  #listed = new Set<string>();
  #described = new Set<string>();
  #copied = new Set<string>();
  #all = false;
  #isIgnored: (name: string) => boolean = ignoredBy({});
  readonly #late = new Set<string>();
  #settled = false;
  #inStep = false;
  /** What there is, while nobody writes to it. */
  #copy: Environment | undefined;

  constructor(target: NodeJS.ProcessEnv) {
    this.#target = target;
  }

  /** From here on what the thread sets is its own: what modules set before counts as any variable does. */
  beginStep(rules: VariableRules = {}): Environment {
    this.#inStep = true;
    this.#isIgnored = ignoredBy(rules);
    endFillingEnvironment();
    this.#copy ??= { ...this.#target };
    return this.#copy;
  }

  /** Variables were set past what stands in for them. */
  changed(): void {
    this.#copy = undefined;
  }

  /** The step has settled: what is read from now on is late. */
  settle(): void {
    this.#settled = true;
  }

  /** Another step begins, after one that left nothing. */
  resume(): void {
    this.#settled = false;
  }

  /** Names of the variables that were first read after that, without those that count for nothing. */
  get late(): readonly string[] {
    return [...this.#late].filter((name) => !this.#isIgnored(name));
  }

  /** How many variables were set or removed since the first step began. */
  get writes(): number {
    return this.#written.size;
  }

  get inStep(): boolean {
    return this.#inStep;
  }

  /** Names of the variables that were read, without those that count for nothing. */
  get names(): readonly string[] {
    return [...this.#read, ...this.#copied].filter((name) => !this.#isIgnored(name));
  }

  /** Names of those that were read and count for nothing, sorted. */
  get ignored(): readonly string[] {
    const names = new Set([...this.#read, ...this.#copied]);
    return [...names].filter((name) => this.#isIgnored(name)).sort();
  }

  /** Whether all values were read at once, as a copy does. */
  get readAll(): boolean {
    return this.#all;
  }

  /** What stands in for `process.env`. */
  proxy(): NodeJS.ProcessEnv {
    const target = this.#target;
    return new Proxy(this.#shownTarget(), {
      get: (_, name) => {
        this.#look(name);
        return Reflect.get(target, name);
      },
      has: (_, name) => {
        this.#look(name);
        return Reflect.has(target, name);
      },
      getPrototypeOf: () => Reflect.getPrototypeOf(target),
      getOwnPropertyDescriptor: (_, name) => {
        if (!this.#described.delete(String(name))) this.#look(name);
        return Reflect.getOwnPropertyDescriptor(target, name);
      },
      ownKeys: () => {
        const names = Reflect.ownKeys(target);
        this.#list(names);
        return names;
      },
      set: (_, name, value) => {
        this.#write(name);
        return Reflect.set(target, name, value);
      },
      deleteProperty: (_, name) => {
        this.#write(name);
        return Reflect.deleteProperty(target, name);
      },
      defineProperty: (_, name, descriptor) => {
        this.#write(name);
        return Reflect.defineProperty(target, name, descriptor);
      },
    });
  }

  /** `util.inspect` looks at a proxy's target and asks no trap: it is shown all values, and that is a read of all. */
  #shownTarget(): NodeJS.ProcessEnv {
    const shown = (): object => {
      if (isObserved()) this.#readAll();
      return { ...this.#target };
    };
    return Object.defineProperty({}, inspect.custom, { value: shown, configurable: true });
  }

  #look(name: string | symbol): void {
    if (typeof name !== "string" || !isObserved() || this.#written.has(name)) return;
    if (this.#settled) return this.#lookLate(name);
    if (!this.#read.has(name) && isFillingEnvironment()) return;
    if (!this.#listed.delete(name)) this.#read.add(name);
    else {
      this.#copied.add(name);
      // Whoever goes through most of them copies all but some: `const { HOME, ...others } = process.env`.
      if (this.#copied.size > this.#listed.size) this.#readAll();
    }
  }

  #readAll(): void {
    this.#all = true;
    this.#copied = new Set();
  }

  #lookLate(name: string): void {
    if (isStepWork()) this.#read.add(name);
    else if (!this.#read.has(name)) this.#late.add(name);
  }

  #list(names: readonly (string | symbol)[]): void {
    if (!isObserved()) return;
    for (const name of this.#copied) this.#read.add(name);
    this.#copied = new Set();
    const own = names.filter((name): name is string => typeof name === "string");
    this.#described = new Set(own);
    this.#listed = new Set(own.filter((name) => !this.#written.has(name)));
  }

  #write(name: string | symbol): void {
    this.changed();
    if (this.#inStep && typeof name === "string") this.#written.add(name);
  }
}
