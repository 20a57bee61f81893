import type { Interceptor } from "@connectrpc/connect";
import { HOST_BINDING_HEADER, RELAY_TOKEN_HEADER } from "../rpc/host-headers.js";

/**
 * Sends the token and the binding with every call; the ones that are empty are
 * left out.
 */
export function sendMetadata(metadata: {
  readonly token: string;
  readonly binding: string;
}): Interceptor {
  return (next) => (request) => {
    if (metadata.token !== "") request.header.set(RELAY_TOKEN_HEADER, metadata.token);
    if (metadata.binding !== "") request.header.set(HOST_BINDING_HEADER, metadata.binding);
    return next(request);
  };
}
