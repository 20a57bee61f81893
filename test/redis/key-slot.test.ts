import { expect, test } from "vitest";
import { keySlot } from "../../src/redis/key-slot.js";
import { describeWithServer, startCluster } from "./support/servers.js";

// The values are those of the cluster specification's test vector and of CLUSTER KEYSLOT.
test.each([
  ["123456789", 0x31c3 % 16_384],
  ["", 0],
  ["foo", 12_182],
  ["{foo}bar", 12_182],
  ["a{foo}b{c}", 12_182],
])("the slot of %j is %d", (key, slot) => {
  expect(keySlot(key)).toBe(slot);
});

describeWithServer("a cluster", () => {
  test("computes the same slots", async () => {
    const nodes = await startCluster();
    const client = await nodes[0]?.client();
    const keys = [
      "{}",
      "{}{a}",
      "a{",
      "a}b{",
      "{a}{b}",
      "{{a}}",
      "é{ü}",
      "😀",
      "a\0b",
      "x".repeat(999),
    ];
    for (const key of keys) {
      expect([key, await client?.sendCommand(["CLUSTER", "KEYSLOT", key])]).toEqual([
        key,
        keySlot(key),
      ]);
    }
    client?.destroy();
    for (const node of nodes) await node.stop();
  });
});
