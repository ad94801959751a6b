import { createServer } from "node:http";
import type { RequestListener } from "node:http";
import type { AddressInfo } from "node:net";
import { afterAll, beforeAll } from "vitest";

export interface AnsweringServer {
  /** Known once the tests begin. */
  readonly port: number;
}

/** A server on this machine, there for all tests of the file that asks for it. */
export function answeringServer(
  answer: RequestListener = (_, response) => void response.end("answer"),
): AnsweringServer {
  const server = createServer(answer);
  beforeAll(async () => {
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  });
  afterAll(() => {
    server.closeAllConnections();
    server.close();
  });
  return {
    get port() {
      return (server.address() as AddressInfo).port;
    },
  };
}
