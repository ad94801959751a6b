import type { RuntimeFacts } from "./cache-key.ts";

const byZone = new Map<string | undefined, Pick<RuntimeFacts, "timeZone" | "locale">>();

/** What this Node and this machine are, asked when needed and anew: a program may set `process.env.TZ` at any time. */
export function runtimeFacts(): RuntimeFacts {
  return liveFacts;
}

const liveFacts: RuntimeFacts = {
  nodeMajor: process.versions.node.split(".")[0] ?? "",
  get timeZone() {
    return zoneNow().timeZone;
  },
  get locale() {
    return zoneNow().locale;
  },
  get icu() {
    const { versions } = process;
    return `${versions["icu"] ?? "none"} ${versions["tz"] ?? ""} ${versions["unicode"] ?? ""}`.trim();
  },
  get architecture() {
    return `${process.platform} ${process.arch} ${libc()}`.trim();
  },
};

function zoneNow(): Pick<RuntimeFacts, "timeZone" | "locale"> {
  const zone = process.env["TZ"];
  const known = byZone.get(zone) ?? resolveZone();
  byZone.set(zone, known);
  return known;
}

function resolveZone(): Pick<RuntimeFacts, "timeZone" | "locale"> {
  const { timeZone, locale } = new Intl.DateTimeFormat().resolvedOptions();
  return { timeZone, locale };
}

let foundLibc: string | undefined;

function libc(): string {
  if (process.platform !== "linux") return "";
  foundLibc ??= readLibc();
  return foundLibc;
}

function readLibc(): string {
  // Without this the report looks up the names of all open connections first.
  const before: unknown = Reflect.get(process.report, "excludeNetwork");
  Reflect.set(process.report, "excludeNetwork", true);
  try {
    const report = process.report.getReport() as { readonly header?: { readonly glibcVersionRuntime?: string } };
    const version = report.header?.glibcVersionRuntime;
    return version === undefined ? "musl" : `glibc ${version}`;
  } finally {
    Reflect.set(process.report, "excludeNetwork", before);
  }
}
