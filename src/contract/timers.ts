import { clearTimeout, setTimeout } from "node:timers";

/** What sets a timer and takes it back. */
export type Timers = Pick<typeof globalThis, "setTimeout" | "clearTimeout">;

/** Node's timers, also while a test framework has replaced the global ones. */
export const nodeTimers: Timers = { setTimeout, clearTimeout };
