// What a step does, in a thread that nobody observes: says how long it took, in milliseconds.
import { parentPort, workerData } from "node:worker_threads";

const { readWork } = await import(workerData.module);
const began = performance.now();
await readWork(workerData.work);
parentPort.postMessage(performance.now() - began);
