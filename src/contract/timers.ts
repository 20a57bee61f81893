import { clearTimeout, setTimeout } from "node:timers";

/** Functions that set and clear a timer. */
export type Timers = Pick<typeof globalThis, "setTimeout" | "clearTimeout">;

/** Node's own timers, which stay real while a test framework fakes the global ones. */
export const nodeTimers: Timers = { setTimeout, clearTimeout };
