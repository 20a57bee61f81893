import { constants } from "node:http2";
import type { Dispatch } from "../server/limits/dispatch.js";
import { resetStream } from "../server/limits/stream-reset.js";

/** Creates a dispatcher that loads another one when the first request arrives. */
export function createLazyDispatcher(
  load: () => Promise<Dispatch>,
  report: (error: unknown, where: string) => void,
): Dispatch {
  let loading: Promise<Dispatch> | undefined;
  return (stream, headers) => {
    loading ??= load();
    // Nothing else listens yet, and an error without a listener would end the process.
    stream.on("error", ignore);
    loading.then(
      (dispatch) => {
        if (!stream.destroyed) dispatch(stream, headers);
      },
      (error: unknown) => {
        report(error, "loading Connect");
        resetStream(stream, constants.NGHTTP2_INTERNAL_ERROR);
      },
    );
  };
}

function ignore(): void {}
