import { expect, test } from "vitest";
import { isHostLaunchRecord } from "../../src/contract/host-launch-record.js";
import { hostLaunchRecords, launchRecordTitle } from "../support/host-launch-records.js";

test.each(hostLaunchRecords.map((record) => [launchRecordTitle(record), record] as const))(
  "a captured launch record is recognised: %s",
  (_title, record) => {
    expect(isHostLaunchRecord(record)).toBe(true);
  },
);

const record = hostLaunchRecords[0] ?? {};

test.each([
  ["a source that is text", { source: "env" }],
  ["a source of a form that no host writes yet", { source: { oci: { image: "x" } } }],
  ["the provider's kind as name", { name: "cache" }],
  ["an empty command", { command: "" }],
  ["no arguments", { args: [] }],
])("a launch record is recognised with %s", (_title, change) => {
  expect(isHostLaunchRecord({ ...record, ...change })).toBe(true);
});

test.each(["name", "source", "command", "manifestPath"])(
  "a configuration without %s is no launch record",
  (key) => {
    const others = { ...record };
    Reflect.deleteProperty(others, key);
    expect(isHostLaunchRecord(others)).toBe(false);
    expect(isHostLaunchRecord({ ...others, [key.slice(0, -1)]: record[key] })).toBe(false);
  },
);

test.each([
  ["an operator's key", { maxBytes: 1 }],
  ["a misspelled operator's key", { maxByte: 1 }],
  ["a key that objects inherit", { toString: "x" }],
  ["a config", { config: {} }],
  ["a number as name", { name: 1 }],
  ["a number as source", { source: 7 }],
  ["a list as source", { source: ["path"] }],
  ["null as source", { source: null }],
  ["a list as command", { command: ["/p"] }],
  ["null as manifestPath", { manifestPath: null }],
  ["args that are text", { args: "--x" }],
  ["args that are numbers", { args: [1] }],
  ["env that is a list", { env: [] }],
  ["env with a number", { env: { A: 1 } }],
  ["egress null", { egress: null }],
  ["hostBinary that is a mapping", { hostBinary: {} }],
  ["allowedHosts that are text", { allowedHosts: "example.com" }],
  ["allowedHosts that are numbers", { allowedHosts: [1] }],
])("a configuration is no launch record with %s", (_title, change) => {
  expect(isHostLaunchRecord({ ...record, ...change })).toBe(false);
});

test("a configuration of the operator is no launch record", () => {
  expect(isHostLaunchRecord({})).toBe(false);
  expect(isHostLaunchRecord({ maxBytes: "64MiB" })).toBe(false);
});
