import { timestampMs } from "@bufbuild/protobuf/wkt";
import { escapeControls } from "../../contract/printable-text.js";
import { formatByteSize } from "../../memory/config/byte-size.js";
import { millisecondsOf } from "../../rpc/duration.js";
import type { Call } from "../../rpc/gen/gestalt_cache_memory/v1/control_pb.js";
import { rpcNameOf } from "../../standalone/control/cache-method.js";
import type { RecordedCall } from "../../standalone/control/call-record.js";

/** A call as lines show it. */
export interface CallLine {
  /** The time of day, in milliseconds since 1970. */
  readonly timeMs: number;
  /** The name in the Cache service: `GetMany`. */
  readonly method: string;
  readonly keys: readonly string[];
  readonly keyCount: number;
  readonly hits: number;
  readonly misses: number;
  readonly bytes: number;
  readonly status: string;
  readonly durationMs: number;
  readonly faultId: number;
}

/** A call of this process's own record. */
export function lineFromRecord(call: RecordedCall): CallLine {
  return { ...call, method: rpcNameOf(call.method) };
}

/** A call that a server sent. */
export function lineFromMessage(call: Call): CallLine {
  const { method, keys, status, faultId, time, duration } = call;
  return {
    timeMs: time === undefined ? 0 : timestampMs(time),
    method,
    keys,
    keyCount: Number(call.keyCount),
    hits: Number(call.hits),
    misses: Number(call.misses),
    bytes: Number(call.bytes),
    status,
    durationMs: duration === undefined ? 0 : millisecondsOf(duration),
    faultId,
  };
}

/** A call as one line of JSON, with a line break. Control characters are escaped. */
export function callJson(call: CallLine, binding?: string): string {
  const { timeMs, durationMs, faultId, ...rest } = call;
  const line = {
    time: new Date(timeMs).toISOString(),
    ...(binding === undefined ? {} : { binding }),
    ...rest,
    durationMs: Number(durationMs.toFixed(3)),
    ...(faultId === 0 ? {} : { fault: faultId }),
  };
  return `${escapeControls(JSON.stringify(line))}\n`;
}

/** How many keys a line for people shows. */
const MAX_SHOWN_KEYS = 5;

/** A call as one line for people, with a line break. */
export function callText(call: CallLine): string {
  const { timeMs, method, keys, keyCount, hits, misses, bytes, status, durationMs, faultId } = call;
  const shown = keys.slice(0, MAX_SHOWN_KEYS).map((key) => JSON.stringify(key));
  if (keyCount > shown.length) shown.push(`and ${keyCount - shown.length} more`);
  const parts = [
    new Date(timeMs).toISOString().slice(11, 23),
    method,
    shown.join(" "),
    hits > 0 ? `${hits} hit` : "",
    misses > 0 ? `${misses} missed` : "",
    bytes > 0 ? formatByteSize(bytes) : "",
    status,
    `${durationMs.toFixed(3)} ms`,
    faultId === 0 ? "" : `fault ${faultId}`,
  ];
  return `${escapeControls(parts.filter((part) => part !== "").join("  "))}\n`;
}
