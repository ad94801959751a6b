import { inspect } from "node:util";
import { PipelineError } from "../errors.ts";
import { describeMisuse, forbiddingProxy } from "./forbidding-proxy.ts";
import type { Misuse } from "./forbidding-proxy.ts";
import type { Secret } from "./output.ts";
import { threadSlot } from "./thread-state.ts";

export interface SecretOptions {
  /** Lets a changed value be a miss: an HMAC of it, under a key of the repository's own, joins the key. */
  readonly inKey?: boolean;
}

export interface SecretInfo {
  readonly name: string;
  readonly inKey: boolean;
}

const infos: WeakMap<object, SecretInfo> = threadSlot("secrets", () => new WeakMap<object, SecretInfo>());
const secretName = /^[A-Za-z_][\w./-]*$/;

class SecretTarget {
  readonly info: SecretInfo;

  constructor(info: SecretInfo) {
    this.info = info;
  }

  /** Called with the proxy as `this`, which answers nothing. */
  [inspect.custom](): string {
    return `Secret<${infos.get(this)?.name ?? "?"}>`;
  }
}

/**
 * Stands for the value of an environment variable that a step is given as text. The value never enters a spec, a key, a
 * log or a store; the name is part of the key.
 *
 * @throws PipelineError (`WS_BAD_NAME`) for a name that no variable can have.
 * @example const report = notes({ model, token: secret("API_TOKEN") });
 */
export function secret(name: string, options: SecretOptions = {}): Secret {
  if (typeof name !== "string" || !secretName.test(name)) throw badSecretName(name);
  const info = Object.freeze({ name, inKey: options.inKey === true });
  const marker = forbiddingProxy(new SecretTarget(info), secretMisused);
  infos.set(marker, info);
  return marker as unknown as Secret;
}

/** What a secret stands for, without touching it; undefined for any other value, whatever it looks like. */
export function secretInfo(value: unknown): SecretInfo | undefined {
  return typeof value === "object" && value !== null ? infos.get(value) : undefined;
}

/** The label of a secret's hole in canonical bytes. No input's label has a `:` that is not escaped. */
export function secretLabel(name: string): string {
  return `secret:${name}`;
}

function badSecretName(name: unknown): PipelineError {
  return new PipelineError("WS_BAD_NAME", {
    message: `A secret cannot be called ${JSON.stringify(name) ?? String(name)}.`,
    hint: 'Give the name of the environment variable that holds it, not its value: secret("API_TOKEN").',
  });
}

function secretMisused({ info }: SecretTarget, misuse: Misuse): PipelineError {
  return new PipelineError("WS_HANDLE_MISUSED", {
    message: `The secret \`${info.name}\` has no value here, and ${describeMisuse(misuse)}.`,
    hint: "Hand it to a step as it is: only the step's function gets the value, as text.",
    details: { secret: info.name, misuse: misuse.kind },
  });
}
