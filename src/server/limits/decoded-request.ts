import {
  createContextKey,
  createContextValues,
  type ContextValues,
  type Interceptor,
} from "@connectrpc/connect";

/** A request's message as our own decoder reads it; empty until the body is complete. */
export interface DecodedRequest {
  message?: object | undefined;
}

const DECODED = createContextKey<DecodedRequest>({});

/** Takes a request to {@link withDecodedMessage}, through Connect. */
export function contextValuesOf(decoded: DecodedRequest): ContextValues {
  return createContextValues().set(DECODED, decoded);
}

/**
 * Hands on the message that was decoded before Connect decoded it again. Connect's decoder
 * leaves out a byte order mark at the beginning of a string, so that two different keys
 * become one; it can be told otherwise for the whole process only.
 */
export const withDecodedMessage: Interceptor = (next) => (request) => {
  const { message } = request.contextValues.get(DECODED);
  if (request.stream || message === undefined) return next(request);
  return next({ ...request, message: message as typeof request.message });
};
