import {
  createContextKey,
  createContextValues,
  type ContextValues,
  type Interceptor,
} from "@connectrpc/connect";

/** A request's message as our own decoder returns it; absent until the body is complete. */
export interface DecodedRequest {
  message?: object | undefined;
}

const DECODED = createContextKey<DecodedRequest>({});

/** Returns context values that carry a request through Connect to {@link withDecodedMessage}. */
export function contextValuesOf(decoded: DecodedRequest): ContextValues {
  return createContextValues().set(DECODED, decoded);
}

/**
 * Replaces the message that Connect decoded by the one that our decoder returned. Connect's
 * decoder drops a byte order mark at the beginning of a string, so that two different keys
 * become one. That can be changed only for the whole process.
 */
export const withDecodedMessage: Interceptor = (next) => (request) => {
  const { message } = request.contextValues.get(DECODED);
  if (request.stream || message === undefined) return next(request);
  return next({ ...request, message: message as typeof request.message });
};
