// The least that a worker thread can be: it says that it is there, and answers each message.
import { parentPort } from "node:worker_threads";

parentPort.on("message", () => parentPort.postMessage({ kind: "started" }));
parentPort.postMessage({ kind: "loaded" });
