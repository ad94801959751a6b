import { isMainThread } from "node:worker_threads";
import { installModuleHooks } from "./module-hooks.ts";
import { observeThread } from "./thread-observation.ts";

/**
 * Preloaded by every worker (`--import`), and imported by the command line before it imports anything of the user's:
 * from here on project sources are loaded as TypeScript projects mean them, and stamped.
 */
if (!isMainThread) observeThread();
installModuleHooks();
