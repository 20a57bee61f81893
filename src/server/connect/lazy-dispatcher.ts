import { constants } from "node:http2";
import type { Dispatch } from "../limits/dispatch.js";
import { resetStream } from "../limits/stream-reset.js";

/**
 * A dispatcher that is loaded when its first request comes: Connect takes longer
 * to load than everything else together, and the host never asks for it.
 */
export function createLazyDispatcher(
  load: () => Promise<Dispatch>,
  report: (error: unknown, where: string) => void,
): Dispatch {
  let loaded: Dispatch | undefined;
  let loading: Promise<Dispatch> | undefined;
  return (stream, headers) => {
    if (loaded !== undefined) {
      loaded(stream, headers);
      return;
    }
    loading ??= load();
    // Until then nobody else listens, and an unheard error would end the process.
    stream.on("error", ignore);
    loading.then(
      (dispatch) => {
        loaded = dispatch;
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
