import { expect, test } from "vitest";
import { serve } from "../support/serve.js";

test("a value comes back as it was set", async () => {
  const { cache } = await serve();
  await cache.call("Set", { key: "k", value: Buffer.from("v") });
  const { code, reply } = await cache.call("Get", { key: "k" });
  expect(code).toBe(0);
  expect(reply).toEqual({ found: true, value: Buffer.from("v") });
});
