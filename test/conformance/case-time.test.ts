import { describe, expect, test } from "vitest";
import { CaseTime, manualTicker, type Ticker } from "../../src/conformance/case-time.js";
import { TooSlowToTell } from "../../src/conformance/failure.js";
import { ManualClock } from "../../src/conformance/manual-clock.js";

const FOUND = { found: true, value: Buffer.from("v") };
const MISSING = { found: false, value: new Uint8Array() };

/** Real time, as far as a case can tell, where every call takes so long. */
function slowTime(callMs: number): {
  time: CaseTime;
  call: () => Promise<void>;
  now: () => number;
} {
  let now = 0;
  const ticker: Ticker = {
    exact: false,
    now: () => now,
    wait: (ms) => {
      now += ms;
      return Promise.resolve();
    },
  };
  const call = (): Promise<void> => {
    now += callMs;
    return Promise.resolve();
  };
  return { time: new CaseTime(ticker, 100), call, now: () => now };
}

describe("CaseTime with a manual clock", () => {
  test("waits until the millisecond before the end, and until the end", async () => {
    const clock = new ManualClock();
    const start = clock.now();
    const time = new CaseTime(manualTicker(clock), 1000);
    const lease = await time.lease(time.units(2), () => Promise.resolve());
    await time.shortOf(lease);
    expect(clock.now() - start).toBe(1999);
    await time.past(lease);
    expect(clock.now() - start).toBe(2000);
  });

  test("ends a TTL below a millisecond after one millisecond", async () => {
    const clock = new ManualClock();
    const start = clock.now();
    const time = new CaseTime(manualTicker(clock), 1000);
    const lease = await time.lease({ seconds: 0n, nanos: 1 }, () => Promise.resolve());
    await time.past(lease);
    expect(clock.now() - start).toBe(1);
  });

  test.each([-1, Infinity, NaN])("ManualClock refuses a step of %d", (step) => {
    expect(() => new ManualClock().advance(step)).toThrow(RangeError);
  });
});

describe("CaseTime in real time", () => {
  test("waits for an end from the reply on, with a margin", async () => {
    const { time, call, now } = slowTime(30);
    const lease = await time.lease(time.units(1), call);
    expect(lease).toMatchObject({ begin: 0, earliest: 100, latest: 130 });
    await time.past(lease);
    expect(now()).toBe(180);
  });

  test("fails for a miss before the earliest end", async () => {
    const { time, call } = slowTime(30);
    const lease = await time.lease(time.units(1), call);
    expect(() => time.checkLive(MISSING, FOUND.value, lease)).toThrow("expected found, 1 byte");
  });

  test("does not decide on a miss after the earliest end", async () => {
    const { time, call } = slowTime(100);
    const lease = await time.lease(time.units(1), call);
    expect(() => time.checkLive(MISSING, FOUND.value, lease)).toThrow(TooSlowToTell);
    time.checkLive(FOUND, FOUND.value, lease);
  });
});
