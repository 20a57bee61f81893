import { clearTimeout, setTimeout } from "node:timers";
import { CacheError } from "../contract/cache-error.js";
import { errorFromReply } from "./server-error.js";

/**
 * Returns the result of an operation on the shared cache. Fails with `unavailable` when it takes
 * longer than the timeout; the operation itself goes on.
 *
 * @param explain - adds to the error of a timeout what the caller waited for
 */
export function withinTimeout<T>(
  operation: Promise<T>,
  timeoutMs: number,
  explain: (timeout: CacheError) => CacheError = (timeout) => timeout,
): Promise<T> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => {
      const message = `the shared cache did not answer within ${timeoutMs} ms`;
      reject(explain(new CacheError("unavailable", message)));
    }, timeoutMs);
    operation.then(
      (value) => {
        clearTimeout(timer);
        resolve(value);
      },
      (error: unknown) => {
        clearTimeout(timer);
        reject(errorFromReply(error));
      },
    );
  });
}
