/** Header with the relay token of a plugin; a server that expects one refuses calls without it. */
export const RELAY_TOKEN_HEADER = "x-gestalt-host-service-relay-token";

/** Header naming the binding that a call is for, on a socket that serves several. */
export const HOST_BINDING_HEADER = "x-gestalt-host-binding";
