import { expect, test } from "vitest";
import type { ServerConnection } from "../../src/redis/server-connection.js";
import { ServerLink } from "../../src/redis/server-link.js";
import { failure } from "./support/caches.js";

const NO_EVENTS = { onInvalidate: () => {}, onUp: () => {}, onDown: () => {} };

/** A link whose connection is made when `connect` is called. */
function slowLink(clock: { now: () => number }): { link: ServerLink; connect: () => void } {
  let connect = (): void => {};
  const connecting = new Promise<ServerConnection>((resolve) => {
    connect = () => resolve({ lostReason: undefined } as unknown as ServerConnection);
  });
  const link = new ServerLink(() => connecting, NO_EVENTS, clock);
  link.startInBackground();
  return { link, connect: () => connect() };
}

test("commands that wait for a connection are bounded in number and bytes", async () => {
  for (const [commands, bytes] of [
    [25_000, 0],
    [1, 65 * 2 ** 20],
  ] as const) {
    const { link, connect } = slowLink({ now: () => 0 });
    const waiting = [1, 2].map(async () => link.connectionFor(commands, bytes, 1000));
    const { code, message } = await failure(() => link.connectionFor(1, 0, 1000));
    expect(code).toBe("unavailable");
    expect(message).toContain(`overloaded: ${2 * commands} commands already wait`);
    connect();
    await Promise.all(waiting);
    expect(await link.connectionFor(1, 0, 1000)).toBe(await link.connection());
  }
});

test("a command is not sent over a connection that is made after the command's deadline", async () => {
  let nowMs = 0;
  const { link, connect } = slowLink({ now: () => nowMs });
  const early = failure(() => link.connectionFor(1, 0, 1000));
  nowMs = 1000;
  const late = link.connectionFor(1, 0, 2000);
  connect();
  expect((await early).message).toContain("not connected in time");
  expect(await late).toBe(await link.connection());
});
