import { WAYS, type Way } from "./victim.js";

/**
 * Whether the tests run at full size, as `npm run suite -- abuse` does. Otherwise those
 * that would take long do the same with less of it.
 */
export const isFullScale = process.env["GESTALT_CACHE_MEMORY_ABUSE"] === "full";

/** The ways of serving to attack: at less than full scale the host's alone. */
export const waysAtScale: readonly Way[] = isFullScale ? WAYS : ["under the host"];

/** A number that depends on the scale. */
export function atScale<T>(sizes: { readonly full: T; readonly quick: T }): T {
  return isFullScale ? sizes.full : sizes.quick;
}
