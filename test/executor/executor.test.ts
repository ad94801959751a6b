import { describe, test } from "vitest";
import { createFileDigests } from "../../src/code-identity/module-stamps.ts";
import { createRootedPaths } from "../../src/code-identity/rooted-path.ts";
import { InProcessExecutor } from "../../src/executor/backends/in-process/in-process-executor.ts";
import { WorkerThreadExecutor } from "../../src/executor/backends/worker-thread/worker-thread-executor.ts";
import { createMaterializerRegistry } from "../../src/materializer/registry.ts";
import { executorSuite } from "../../src/testing/executor-suite.ts";

executorSuite({ describe, test }, { name: "worker-thread", apart: true, open: async () => new WorkerThreadExecutor() });

executorSuite(
  { describe, test },
  {
    name: "in-process",
    apart: false,
    open: async (surroundings) => {
      const { artifacts, projectRoot } = surroundings;
      const paths = createRootedPaths({ projectRoot });
      return new InProcessExecutor({
        artifacts,
        materializers: createMaterializerRegistry(new Map()),
        digests: createFileDigests(),
        nameOf: (absolute) => paths.nameOf(absolute),
        functionOf: (task) => surroundings.functionOf(task),
      });
    },
  },
);
