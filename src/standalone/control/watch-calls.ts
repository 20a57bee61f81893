import { abortOfAny } from "../services/abort-of-any.js";
import type { CallRecord, RecordedCall } from "./call-record.js";

/** How many calls wait for a slow reader before further ones are left out. */
const MAX_WAITING = 10_000;

/** The same for the characters of their keys, which decide what they take of memory. */
const MAX_WAITING_CHARACTERS = 2 ** 22;

/** A call that was watched. */
export interface WatchedRecord {
  /** Undefined in the first one, which comes at once. */
  readonly call: RecordedCall | undefined;
  /** How many calls were left out before this one, as the reader was too slow. */
  readonly dropped: number;
}

/**
 * All calls from now on, until one of the signals is aborted. Starts with a record without a
 * call, from which on none is missed unless the reader is slow.
 */
export async function* watchCalls(
  calls: CallRecord,
  signals: readonly AbortSignal[],
): AsyncGenerator<WatchedRecord> {
  let waiting: WatchedRecord[] = [{ call: undefined, dropped: 0 }];
  let waitingCharacters = 0;
  let dropped = 0;
  let wake = (): void => {};
  const stop = calls.watch((call) => {
    if (waiting.length >= MAX_WAITING || waitingCharacters >= MAX_WAITING_CHARACTERS) {
      dropped++;
      return;
    }
    for (const key of call.keys) waitingCharacters += key.length;
    waiting.push({ call, dropped });
    dropped = 0;
    wake();
  });
  // A reader that has gone away may never ask for the next call.
  const aborted = abortOfAny(signals).then(stop);
  try {
    for (;;) {
      const ready = waiting;
      waiting = [];
      waitingCharacters = 0;
      yield* ready;
      if (signals.some((signal) => signal.aborted)) return;
      if (waiting.length === 0) {
        await Promise.race([aborted, new Promise<void>((resolve) => (wake = resolve))]);
      }
    }
  } finally {
    stop();
  }
}
