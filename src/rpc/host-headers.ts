/** The header with the relay token of a plugin. A server with a token refuses calls without it. */
export const RELAY_TOKEN_HEADER = "x-gestalt-host-service-relay-token";

/** The header with the binding of a call, on a socket that serves several bindings. */
export const HOST_BINDING_HEADER = "x-gestalt-host-binding";
