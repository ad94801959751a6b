import { isIP } from "node:net";
import { beforeCall } from "./before-call.ts";
import type { Told } from "./before-call.ts";
import type { ThreadActivity } from "./thread-activity.ts";

/** What others send here, whoever they are. */
const INCOMING = "incoming";
const LOOPBACK = /^(?:localhost|127(?:\.\d+){3}|::1|::ffff:127(?:\.\d+){3}|0\.0\.0\.0|::)$/;

/**
 * Notes every socket that this thread opens, by host. TCP, TLS, HTTP of all versions,
 * `fetch` and WebSocket all connect through `net`; a child's pipes never connect. The port is no part of the name: nobody
 * vouches for one port of a host and not for another, and a port that is picked anew each time would never match.
 */
export function observeNetwork(activity: ThreadActivity): void {
  // Asked for here, so that a program's own thread, which is not observed, does not pay for them.
  const [dgram, net] = [process.getBuiltinModule("node:dgram"), process.getBuiltinModule("node:net")];
  const tell = teller(activity);
  beforeCall(net.Socket.prototype, "connect", tell(socketTarget));
  beforeCall(
    net.Server.prototype,
    "listen",
    tell(() => INCOMING),
  );
  beforeCall(dgram.Socket.prototype, "send", tell(datagramTarget));
  beforeCall(
    dgram.Socket.prototype,
    "connect",
    tell(([, host]) => hostName(host)),
  );
  beforeCall(dgram.Socket.prototype, "bind", tell(boundTo));
}

/** Notes every name that is looked up without a socket: for threads that ask for `dns` themselves. */
export function observeLookups(activity: ThreadActivity): void {
  const dns = process.getBuiltinModule("node:dns");
  const tell = teller(activity);
  for (const resolver of [dns, dns.promises, dns.Resolver.prototype, dns.promises.Resolver.prototype])
    for (const name of lookups) beforeCall(resolver, name, tell(lookedUp));
}

function teller(activity: ThreadActivity): (nameOf: (args: readonly unknown[]) => string | undefined) => Told {
  return (nameOf) => (args) => {
    const name = nameOf(args);
    if (name !== undefined) activity.name("network", name);
  };
}

const lookups = [
  "lookup",
  "lookupService",
  "reverse",
  "resolve",
  ...["4", "6", "Any", "Caa", "Cname", "Mx", "Naptr", "Ns", "Ptr", "Soa", "Srv", "Tlsa", "Txt"].map(
    (type) => `resolve${type}`,
  ),
];

/** By the arguments of `connect`, which Node itself hands on as one list. */
function socketTarget(args: readonly unknown[]): string {
  const [first, second] = Array.isArray(args[0]) ? (args[0] as unknown[]) : args;
  if (typeof first === "object" && first !== null) {
    const { path, host } = first as { readonly path?: unknown; readonly host?: unknown };
    return typeof path === "string" && path !== "" ? path : hostName(host);
  }
  if (typeof first === "string" && !/^\d+$/.test(first)) return first;
  return hostName(second);
}

/** `send(message, [offset, length,] port, address)`. */
function datagramTarget(args: readonly unknown[]): string | undefined {
  const address = args.slice(1).find((argument) => typeof argument === "string" && !/^\d+$/.test(argument));
  return hostName(address);
}

/** Sending binds by itself to any free port, which says nothing of what is received. */
function boundTo([first]: readonly unknown[]): string | undefined {
  if (typeof first !== "object" || first === null) return INCOMING;
  const { port, exclusive } = first as { readonly port?: unknown; readonly exclusive?: unknown };
  return port === 0 && exclusive === true ? undefined : INCOMING;
}

/** An address is its own answer. */
function lookedUp([host]: readonly unknown[]): string | undefined {
  return typeof host !== "string" || host === "" || isIP(host) !== 0 ? undefined : hostName(host);
}

function hostName(host: unknown): string {
  if (typeof host !== "string" || host === "") return "localhost";
  const name = host.toLowerCase().replaceAll(/^\[|\]$|\.$/g, "");
  return LOOPBACK.test(name) ? "localhost" : name;
}
