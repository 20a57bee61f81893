import { expect, test } from "vitest";
import { isHostLaunchRecord } from "../../src/rpc/host-launch-record.js";

const record = {
  name: "cache",
  source: "github.com/o/r/c",
  command: "/p/cache",
  manifestPath: "/p/manifest.yaml",
};

test.each([
  ["the four keys", record],
  ["with args", { ...record, args: ["--x", ""] }],
  ["with everything", { ...record, args: [], env: { A: "b" }, egress: {}, hostBinary: "/g" }],
])("recognised: %s", (_title, config) => {
  expect(isHostLaunchRecord("session", config)).toBe(true);
});

test("recognised: the name in the request", () => {
  expect(isHostLaunchRecord("cache", { ...record, name: "session" })).toBe(true);
});

const { source, ...withoutSource } = record;

test.each([
  ["empty", {}],
  ["an operator's", { maxBytes: "64MiB" }],
  ["one of the four missing", withoutSource],
  ["an operator's key beside them", { ...record, maxBytes: 1 }],
  ["an unknown key beside them", { ...record, toString: "x" }],
  ["another name", { ...record, name: "other" }],
  ["a number as source", { ...record, source: source.length }],
  ["args that are text", { ...record, args: "--x" }],
  ["args that are numbers", { ...record, args: [1] }],
  ["env that is a list", { ...record, env: [] }],
  ["env with a number", { ...record, env: { A: 1 } }],
  ["egress null", { ...record, egress: null }],
])("not taken for one: %s", (_title, config) => {
  expect(isHostLaunchRecord("session", config)).toBe(false);
});
