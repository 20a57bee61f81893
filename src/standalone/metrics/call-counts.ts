import type { DescMethod } from "@bufbuild/protobuf";
import { StatusCode } from "../../rpc/rpc-error.js";

const STATUS_NAMES = new Map<number, string>(
  Object.entries(StatusCode).map(([name, code]) => [code, snakeCase(name)]),
);

/** The number of gRPC statuses, 0 to 16. */
const STATUS_COUNT = 17;

/** The number of calls of a method that ended with a status. */
export interface CallCount {
  readonly method: string;
  /** The name of the gRPC status in lower case: `ok`, `not_found`. */
  readonly status: string;
  readonly count: number;
}

/** Counts calls by method and status. */
export class CallCounts {
  readonly #byMethod = new Map<DescMethod, number[]>();

  /** Counts one call. */
  add(method: DescMethod, status: number): void {
    let counts = this.#byMethod.get(method);
    if (counts === undefined) {
      counts = new Array<number>(STATUS_COUNT).fill(0);
      this.#byMethod.set(method, counts);
    }
    counts[status] = (counts[status] ?? 0) + 1;
  }

  /** Yields the counts above zero. */
  *read(): Generator<CallCount> {
    for (const [method, counts] of this.#byMethod) {
      for (const [status, count] of counts.entries()) {
        if (count > 0) yield { method: method.name, status: statusName(status), count };
      }
    }
  }
}

/** Returns the name of a gRPC status, see {@link CallCount}. */
export function statusName(status: number): string {
  return STATUS_NAMES.get(status) ?? `code_${status}`;
}

function snakeCase(name: string): string {
  return name.replaceAll(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
}
