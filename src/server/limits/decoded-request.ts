import {
  createContextKey,
  createContextValues,
  type ContextValues,
  type Interceptor,
} from "@connectrpc/connect";

/** A request as the method's own decoder returns it; absent for one that Connect decodes. */
export interface DecodedRequest {
  message?: object | undefined;
}

const DECODED = createContextKey<DecodedRequest>({});

/** Returns context values that carry a request through Connect to {@link withDecodedMessage}. */
export function contextValuesOf(decoded: DecodedRequest): ContextValues {
  return createContextValues().set(DECODED, decoded);
}

/**
 * Replaces the message that Connect decoded, an empty one, by the request that the method's own
 * decoder returned, see connect-body.ts.
 */
export const withDecodedMessage: Interceptor = (next) => (request) => {
  const { message } = request.contextValues.get(DECODED);
  if (request.stream || message === undefined) return next(request);
  return next({ ...request, message: message as typeof request.message });
};
