import type { Fault } from "./fault.js";
import type { Parts } from "./independent-provider.mjs";

export const INDEPENDENT_FAULTS: readonly (Fault & {
  readonly via: "socket" | "command";
  /** Themes of the cases that are run. */
  readonly themes?: readonly string[];
  readonly apply: (parts: Parts) => void;
})[];
