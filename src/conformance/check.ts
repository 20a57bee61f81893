import {
  CallFailed,
  type CacheUnderTest,
  type GetReply,
  type KeyedReply,
} from "./cache-under-test.js";
import { ConformanceFailure } from "./failure.js";
import type { StatusName } from "./grpc/status.js";
import { showBytes, showKeyedReply, showList, showReply } from "./show.js";

/** Fails the case: the sentence is not kept. */
export function fail(expected: string, received: string): never {
  throw new ConformanceFailure(expected, received);
}

/** The reply must be this value. */
export function checkFound(reply: GetReply, value: Uint8Array): void {
  if (reply.found && sameBytes(reply.value, value)) return;
  fail(`found, ${showBytes(value)}`, describeReply(reply, value));
}

/** The reply must be a miss, with no value in it. */
function checkMissing(reply: GetReply): void {
  if (!reply.found && reply.value.byteLength === 0) return;
  fail("not found", showReply(reply));
}

/** The live entry under a key must have this value. */
export async function checkStored(
  cache: CacheUnderTest,
  key: string,
  value: Uint8Array,
): Promise<void> {
  checkFound(await cache.get(key), value);
}

/** There must be no live entry under a key. */
export async function checkAbsent(cache: CacheUnderTest, key: string): Promise<void> {
  checkMissing(await cache.get(key));
}

/** The results of a GetMany must be these, in this order. `undefined` stands for a miss. */
export function checkResults(
  results: readonly KeyedReply[],
  wanted: readonly (readonly [key: string, value: Uint8Array | undefined])[],
): void {
  const same = ([key, value]: (typeof wanted)[number], index: number): boolean => {
    const result = results[index];
    if (result?.key !== key || result.found !== (value !== undefined)) return false;
    return sameBytes(result.value, value ?? new Uint8Array());
  };
  if (results.length === wanted.length && wanted.every(same)) return;
  const expected = wanted.map(([key, value]) => ({
    key,
    found: value !== undefined,
    value: value ?? new Uint8Array(),
  }));
  fail(showList(expected, showKeyedReply), showList(results, showKeyedReply));
}

/** `what` must be this plain value. */
export function checkEqual<T extends string | number | boolean | bigint>(
  what: string,
  received: T,
  expected: T,
): void {
  if (received === expected) return;
  fail(`${what} ${String(expected)}`, `${what} ${String(received)}`);
}

/**
 * The call must fail with one of the statuses and, where given, a message that
 * matches.
 */
export async function checkRefused(
  call: Promise<unknown>,
  status: StatusName | readonly StatusName[],
  message?: { readonly matching: RegExp; readonly meaning: string },
): Promise<void> {
  const statuses: readonly StatusName[] = typeof status === "string" ? [status] : status;
  const expected = `${statuses.join(" or ")}${message ? ` with ${message.meaning}` : ""}`;
  const outcome = await call.then(
    () => "OK",
    (error: unknown) => {
      if (error instanceof CallFailed) return error;
      throw error;
    },
  );
  if (typeof outcome === "string") return fail(expected, outcome);
  const fits = message?.matching.test(outcome.statusMessage) ?? true;
  if (!statuses.includes(outcome.status) || !fits) fail(expected, outcome.message);
}

/** True when both hold the same bytes. */
function sameBytes(one: Uint8Array, other: Uint8Array): boolean {
  return Buffer.compare(one, other) === 0;
}

/** Two long values may look alike where a report cuts them: then it says where they part. */
function describeReply(reply: GetReply, value: Uint8Array): string {
  const shown = showReply(reply);
  if (!reply.found || reply.value.byteLength !== value.byteLength) return shown;
  const at = value.findIndex((byte, index) => byte !== reply.value[index]);
  return `${shown} (differs at byte ${at})`;
}
