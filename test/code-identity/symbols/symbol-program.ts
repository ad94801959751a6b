import { join } from "node:path";
import { createOwnPackage } from "../../../src/code-identity/own-package.ts";
import { GuardedMemo } from "../../../src/code-identity/guarded-memo.ts";
import { GuardedResolver } from "../../../src/code-identity/guarded-resolver.ts";
import { createModuleResolver } from "../../../src/code-identity/module-resolver.ts";
import { createFileDigests } from "../../../src/code-identity/module-stamps.ts";
import { createRootedPaths } from "../../../src/code-identity/rooted-path.ts";
import { SourceFacts } from "../../../src/code-identity/source-facts.ts";
import type { SymbolClosure } from "../../../src/code-identity/symbols/symbol-closure.ts";
import { SymbolGraph } from "../../../src/code-identity/symbols/symbol-graph.ts";
import { UnitStore } from "../../../src/code-identity/symbols/unit-store.ts";
import { digestOf } from "../../../src/encoding/digest.ts";
import type { Digest } from "../../../src/encoding/digest.ts";
import { systemClock } from "../../../src/util/clock.ts";

/** A graph over the files of a project as they are now. */
export function graphOf(projectRoot: string): SymbolGraph {
  const digests = createFileDigests();
  const memo = new GuardedMemo({ stampOf: (path) => digests.stampOf(path), clock: systemClock, load: () => undefined });
  const paths = createRootedPaths({ projectRoot });
  return new SymbolGraph({
    sources: new UnitStore(new SourceFacts(digests, () => undefined), () => []),
    resolver: new GuardedResolver(createModuleResolver({ projectRoot }), memo),
    nameOf: (path) => paths.nameOf(path),
    isOwn: createOwnPackage({ projectRoot }),
  });
}

/** The closure of a function, its path in the file given as `src/pipeline.ts#step(train)`. */
export function closureIn(projectRoot: string, root: string, entry?: string): SymbolClosure {
  const [file = "", functionPath = ""] = root.split("#");
  const program = [join(projectRoot, entry ?? file)];
  return graphOf(projectRoot).closureOf({ file: join(projectRoot, file), functionPath }, program);
}

/** What of a closure is a step's own code: the function and the effects that belong to all steps. */
export function codeOf({ digest, ambient }: SymbolClosure): Digest {
  return digestOf([digest, ...ambient].join(" "));
}
