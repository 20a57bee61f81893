import { once } from "node:events";
import { connect, createServer, type AddressInfo, type Socket } from "node:net";
import { onTestFinished } from "vitest";

/** A TCP proxy on loopback whose connections a test can cut, stall or silence. */
export interface CuttingProxy {
  readonly url: string;
  /** Cuts every connection after so many more bytes of the server have passed. */
  cutAfter(bytes: number): void;
  /** Lets nothing pass any more, in either direction, and keeps connections open. */
  stall(): void;
  /** Lets everything pass again. */
  resume(): void;
}

/** Starts a proxy in front of a server's port. */
export async function startProxy(port: number): Promise<CuttingProxy> {
  const pairs = new Set<readonly [Socket, Socket]>();
  let remaining = Infinity;
  let isStalled = false;
  const proxy = createServer((near) => {
    const far = connect(port, "127.0.0.1");
    const pair = [near, far] as const;
    pairs.add(pair);
    const end = (): void => {
      near.destroy();
      far.destroy();
      pairs.delete(pair);
    };
    for (const socket of pair) socket.on("error", end).on("close", end);
    near.on("data", (chunk) => void far.write(chunk));
    far.on("data", (chunk) => {
      near.write(chunk.subarray(0, remaining));
      remaining -= chunk.length;
      if (remaining > 0) return;
      remaining = Infinity;
      near.end();
      for (const [other] of pairs) other.end();
      setImmediate(end);
    });
    if (isStalled) for (const socket of pair) socket.pause();
  }).listen(0, "127.0.0.1");
  await once(proxy, "listening");
  onTestFinished(() => {
    for (const [near, far] of pairs) {
      near.destroy();
      far.destroy();
    }
    proxy.close();
  });
  const each = (apply: (socket: Socket) => void): void => {
    for (const pair of pairs) pair.forEach(apply);
  };
  return {
    url: `redis://127.0.0.1:${(proxy.address() as AddressInfo).port}`,
    cutAfter: (count) => (remaining = count),
    stall() {
      isStalled = true;
      each((socket) => socket.pause());
    },
    resume() {
      isStalled = false;
      each((socket) => socket.resume());
    },
  };
}
