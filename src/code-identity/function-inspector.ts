import { Session } from "node:inspector";
import type { Profiler, Runtime } from "node:inspector";
import { types } from "node:util";

export type AnyFunction = (...args: never[]) => unknown;

/** A place in a script as the engine runs it, 0-based. */
export interface ScriptPlace {
  readonly url: string;
  readonly line: number;
  readonly column: number;
  /** What the script says about its source map, often a `data:` URL; empty without one. Only while it is inspected. */
  sourceMapUrl(): string;
}

/** What the engine knows of a function. */
export type InspectedFunction =
  | { readonly kind: "source"; readonly place: ScriptPlace /** Innermost first. */; readonly scopes: readonly object[] }
  | { readonly kind: "bound"; readonly target: unknown; readonly boundThis: unknown; readonly boundArgs: unknown }
  | { readonly kind: "unknown"; readonly why: string };

/** Asks the engine, through its inspector and within this thread, where functions come from and what they captured. */
export interface FunctionInspector {
  /** Scopes are fetched only where `wantsScopes` says so: they are most of the work. */
  inspect(fn: AnyFunction, wantsScopes: (place: ScriptPlace) => boolean): InspectedFunction;
}

/** The inspector evaluates in the global object, so what is passed to and fro hangs there for a moment. */
const SLOT = Symbol.for("warmstart.inspected");
const SLOT_EXPRESSION = 'globalThis[Symbol.for("warmstart.inspected")]';
const GROUP = "warmstart";
const KEEP_SCOPE = "function (hold, name) { hold[name] = this.object; }";
const KEEP_VALUE = "function (hold, name) { hold[name] = this; }";
/** Scopes that a module shares with the whole program. */
const SHARED_SCOPES = new Set(["Global", "Script"]);

export function createFunctionInspector(): FunctionInspector {
  return new SessionInspector();
}

class SessionInspector implements FunctionInspector {
  /** URLs of scripts by their ids. */
  readonly #urls = new Map<string, string>();
  /** URLs of source maps: known for all scripts or for none. */
  readonly #maps = new Map<string, string>();
  #session: Session | undefined;

  inspect(fn: AnyFunction, wantsScopes: (place: ScriptPlace) => boolean): InspectedFunction {
    if (types.isProxy(fn)) return { kind: "unknown", why: "a Proxy" };
    const slot = Object.getOwnPropertyDescriptor(globalThis, SLOT);
    try {
      const session = this.#connect();
      const hold: Record<string, unknown> = {};
      Object.defineProperty(globalThis, SLOT, { value: { fn, hold }, configurable: true });
      return this.#ask(new Connection(session), hold, wantsScopes);
    } catch (error) {
      return {
        kind: "unknown",
        why: `the inspector failed: ${error instanceof Error ? error.message : String(error)}`,
      };
    } finally {
      if (slot === undefined) Reflect.deleteProperty(globalThis, SLOT);
      else Object.defineProperty(globalThis, SLOT, slot);
      this.#session?.post("Runtime.releaseObjectGroup", { objectGroup: GROUP });
    }
  }

  /** One session for all functions that are asked for at a time: it is closed when the thread comes to other things. */
  #connect(): Session {
    if (this.#session !== undefined) return this.#session;
    const session = new Session();
    session.connect();
    this.#session = session;
    setImmediate(() => {
      this.#session = undefined;
      session.disconnect();
    });
    return session;
  }

  #ask(
    connection: Connection,
    hold: Record<string, unknown>,
    wantsScopes: (place: ScriptPlace) => boolean,
  ): InspectedFunction {
    const id = connection.evaluate(`${SLOT_EXPRESSION}?.fn`).objectId;
    const holdId = connection.evaluate(`${SLOT_EXPRESSION}?.hold`).objectId;
    if (id === undefined || holdId === undefined) return { kind: "unknown", why: "a function of another context" };
    const facts = new Map(connection.internals(id).map(({ name, value }) => [name, value]));
    if (facts.has("[[TargetFunction]]")) return keepBound(connection, facts, hold, holdId);
    const location = facts.get("[[FunctionLocation]]")?.value as
      | { scriptId: string; lineNumber: number; columnNumber: number }
      | undefined;
    if (location === undefined) return { kind: "unknown", why: "a native function" };
    const { scriptId, lineNumber: line, columnNumber: column } = location;
    const url = this.#urlOf(connection, scriptId);
    if (url === undefined) return { kind: "unknown", why: "a function without a script" };
    const place = { url, line, column, sourceMapUrl: () => this.#sourceMapUrlOf(connection, scriptId) };
    if (!wantsScopes(place)) return { kind: "source", place, scopes: [] };
    return { kind: "source", place, scopes: keepScopes(connection, facts.get("[[Scopes]]"), hold, holdId) };
  }

  #urlOf(connection: Connection, id: string): string | undefined {
    if (!this.#urls.has(id)) connection.listUrls(this.#urls);
    if (!this.#urls.has(id)) connection.listScripts(this.#urls, this.#maps);
    return this.#urls.get(id);
  }

  #sourceMapUrlOf(connection: Connection, id: string): string {
    if (!this.#maps.has(id)) connection.listScripts(this.#urls, this.#maps);
    return this.#maps.get(id) ?? "";
  }
}

/** A session whose answers come at once, as they do within one thread. */
class Connection {
  readonly #session: Session;

  constructor(session: Session) {
    this.#session = session;
  }

  evaluate(expression: string): Runtime.RemoteObject {
    const parameters = { expression, objectGroup: GROUP, silent: true };
    return settle<Runtime.EvaluateReturnType>((done) => this.#session.post("Runtime.evaluate", parameters, done))
      .result;
  }

  properties(objectId: string): readonly Runtime.PropertyDescriptor[] {
    return this.#read(objectId).result;
  }

  internals(objectId: string): readonly Runtime.InternalPropertyDescriptor[] {
    return this.#read(objectId).internalProperties ?? [];
  }

  /** Hands a value of the engine's over to us: `hold[name]` is it afterwards. */
  keep(objectId: string, holdId: string, name: string, how: string): void {
    const parameters = {
      objectId,
      functionDeclaration: how,
      arguments: [{ objectId: holdId }, { value: name }],
      silent: true,
    };
    settle<Runtime.CallFunctionOnReturnType>((done) => this.#session.post("Runtime.callFunctionOn", parameters, done));
  }

  /** URLs by the profiler's word, which may leave scripts out but is a third of the work of the debugger's. */
  listUrls(into: Map<string, string>): void {
    type Coverage = Profiler.GetBestEffortCoverageReturnType;
    settle<unknown>((done) => this.#session.post("Profiler.enable", (error) => done(error, {})));
    const { result } = settle<Coverage>((done) => this.#session.post("Profiler.getBestEffortCoverage", done));
    settle<unknown>((done) => this.#session.post("Profiler.disable", (error) => done(error, {})));
    for (const { scriptId, url } of result) if (url !== "") into.set(scriptId, url);
  }

  listScripts(urls: Map<string, string>, maps: Map<string, string>): void {
    this.#session.on("Debugger.scriptParsed", ({ params }) => {
      urls.set(params.scriptId, params.url);
      maps.set(params.scriptId, params.sourceMapURL ?? "");
    });
    settle<unknown>((done) => this.#session.post("Debugger.enable", done));
    settle<unknown>((done) => this.#session.post("Debugger.disable", (error) => done(error, {})));
    this.#session.removeAllListeners("Debugger.scriptParsed");
  }

  #read(objectId: string): Runtime.GetPropertiesReturnType {
    const parameters = { objectId, ownProperties: true, generatePreview: false };
    return settle<Runtime.GetPropertiesReturnType>((done) =>
      this.#session.post("Runtime.getProperties", parameters, done),
    );
  }
}

function settle<T>(post: (done: (error: Error | null, value: T) => void) => void): T {
  let answer: { readonly error: Error | null; readonly value: T } | undefined;
  post((error, value) => {
    answer = { error, value };
  });
  if (answer === undefined) throw new Error("it did not answer at once");
  if (answer.error !== null) throw new Error(answer.error.message);
  return answer.value;
}

function keepScopes(
  connection: Connection,
  list: Runtime.RemoteObject | undefined,
  hold: Record<string, unknown>,
  holdId: string,
): readonly object[] {
  if (list?.objectId === undefined) return [];
  const scopes = connection.properties(list.objectId).filter(({ name }) => /^\d+$/.test(name));
  for (const { name, value } of scopes) {
    if (value?.objectId === undefined || SHARED_SCOPES.has(value.description ?? "")) continue;
    connection.keep(value.objectId, holdId, name, KEEP_SCOPE);
  }
  return scopes.map(({ name }) => hold[name]).filter((scope) => typeof scope === "object" && scope !== null);
}

function keepBound(
  connection: Connection,
  facts: ReadonlyMap<string, Runtime.RemoteObject | undefined>,
  hold: Record<string, unknown>,
  holdId: string,
): InspectedFunction {
  const take = (name: string): unknown => {
    const remote = facts.get(name);
    if (remote?.objectId === undefined) return primitiveOf(remote);
    connection.keep(remote.objectId, holdId, name, KEEP_VALUE);
    return hold[name];
  };
  const boundArgs = take("[[BoundArgs]]");
  return { kind: "bound", target: take("[[TargetFunction]]"), boundThis: take("[[BoundThis]]"), boundArgs };
}

function primitiveOf(remote: Runtime.RemoteObject | undefined): unknown {
  const unserializable = remote?.unserializableValue;
  if (unserializable === undefined) return remote?.value;
  return unserializable.endsWith("n") ? BigInt(unserializable.slice(0, -1)) : Number(unserializable);
}
