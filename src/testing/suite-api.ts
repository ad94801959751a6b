/**
 * The two functions of a test runner that the published contract suites need. vitest, jest and `node:test` all have
 * them, so that a suite runs under the runner of whoever writes a backend.
 *
 * @example
 * ```ts
 * import { describe, test } from "node:test";
 * import { artifactStoreSuite } from "warmstart/testing";
 *
 * artifactStoreSuite({ describe, test }, { name: "mine", open: () => openMyStore() });
 * ```
 */
export interface SuiteApi {
  describe(name: string, body: () => void): void;
  test(name: string, body: () => Promise<void> | void): void;
}
