import type { DescMethod } from "@bufbuild/protobuf";
import type { HandlerContext } from "@connectrpc/connect";
import { expect, test } from "vitest";
import { Cache } from "../../src/rpc/gen/gestalt/provider/v1/cache_pb.js";
import { routeOf } from "../../src/rpc/provider-services.js";
import { RpcError, StatusCode } from "../../src/rpc/rpc-error.js";
import { observeCalls } from "../../src/standalone/metrics/call-observer.js";

type Implement = (request: object, context: HandlerContext) => unknown;

/** What is observed of a Get that is implemented so. */
async function observe(get: () => unknown): Promise<{ seen: unknown[]; outcome: unknown }> {
  const seen: unknown[] = [];
  const route = routeOf(Cache, { get: get as () => { found: boolean } });
  const [observed] = observeCalls(
    [route],
    (method: DescMethod, status, startedMs) => seen.push([method.name, status, startedMs]),
    () => 7,
  );
  const implementation = observed?.implementation as unknown as Record<string, Implement>;
  expect(implementation["set"]).toBeUndefined();
  let outcome: unknown;
  try {
    outcome = await implementation["get"]?.({}, {} as HandlerContext);
  } catch (error) {
    outcome = error;
  }
  return { seen, outcome };
}

const REPLY = { found: false };
const NOT_THERE = new RpcError(StatusCode.notFound, "not there");
const DEFECT = new Error("a defect");

test.each([
  ["answers", () => REPLY, 0, REPLY],
  ["answers later", () => Promise.resolve(REPLY), 0, REPLY],
  [
    "fails",
    () => {
      throw NOT_THERE;
    },
    5,
    NOT_THERE,
  ],
  ["fails later", () => Promise.reject(NOT_THERE), 5, NOT_THERE],
  [
    "is defect",
    () => {
      throw DEFECT;
    },
    13,
    DEFECT,
  ],
])("a call is observed with its status when it %s", async (_, get, status, outcome) => {
  expect(await observe(get)).toEqual({ seen: [["Get", status, 7]], outcome });
});

test("a synchronous reply stays synchronous", () => {
  const [observed] = observeCalls(
    [routeOf(Cache, { get: () => REPLY })],
    () => {},
    () => 0,
  );
  const get = (observed?.implementation as unknown as Record<string, Implement>)["get"];
  expect(get?.({}, {} as HandlerContext)).toBe(REPLY);
});
