import { defineConfig } from "warmstart";

// Its being here makes this folder the project: paths are read from it, and `.warmstart` lies in it.
export default defineConfig({});
