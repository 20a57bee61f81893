import { afterEach, expect, test, vi } from "vitest";

afterEach(() => {
  vi.unstubAllGlobals();
  vi.resetModules();
});

/** Starts two calls in one turn of the event loop; returns what has started then, and later. */
async function startTwo(): Promise<{ atOnce: string[]; later: string[] }> {
  vi.resetModules();
  const { startCall } = await import("../../src/server/grpc/start-calls.js");
  const started: string[] = [];
  for (const name of ["first", "second"]) startCall({ start: () => void started.push(name) });
  const atOnce = [...started];
  await new Promise((resolve) => setImmediate(resolve));
  return { atOnce, later: started };
}

test("in Node a call starts at once", async () => {
  expect((await startTwo()).atOnce).toEqual(["first", "second"]);
});

test("in Bun the calls of one turn start together after it, in their order", async () => {
  vi.stubGlobal("Bun", {});
  expect(await startTwo()).toEqual({ atOnce: [], later: ["first", "second"] });
});
