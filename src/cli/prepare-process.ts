import { keepSignalsIgnored } from "../host/ignored-signals.js";
import { limitHeapGarbage } from "../server/limits/heap-garbage.js";

/**
 * Prepares a process that belongs to this program: limits its garbage, and keeps the signals
 * ignored that its parent ignores. Each bundle calls it for itself, before anything else, because
 * it sets the state of modules of which each bundle has its own copy.
 */
export function prepareProcess(): void {
  limitHeapGarbage();
  keepSignalsIgnored();
}
