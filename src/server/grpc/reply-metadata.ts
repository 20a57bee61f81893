import type { HandlerContext } from "@connectrpc/connect";
import type { MaybePromise } from "../../contract/maybe-promise.js";
import type { ServiceRoute } from "../../rpc/provider-services.js";
import { INTERNAL_ERROR_MESSAGE, RpcError, StatusCode } from "../../rpc/rpc-error.js";
import type { ServerContext } from "../limits/server-context.js";

/** Fields of an HTTP/1.1 connection, which HTTP/2 forbids (RFC 9113, section 8.2.2). */
const CONNECTION_FIELDS: ReadonlySet<string> = new Set([
  "connection",
  "http2-settings",
  "keep-alive",
  "proxy-connection",
  "transfer-encoding",
  "upgrade",
]);

/**
 * The most bytes of headers, or of trailers, that an implementation may add to a reply.
 * HTTP/2 in Node sends 64 KiB at most, the protocol's own fields included.
 */
const MAX_METADATA_BYTES = 60 * 1024;

/** What HTTP/2 counts for a field besides its name and value (RFC 9113, section 6.5.2). */
const FIELD_OVERHEAD_BYTES = 32;

/**
 * Returns why HTTP/2 would refuse what an implementation has added to a reply; undefined when it
 * would not.
 *
 * @param metadata - headers or trailers
 */
export function unsendable(metadata: Headers): Error | undefined {
  let bytes = 0;
  for (const [name, value] of metadata) {
    if (!isSendable(name, value)) {
      return new Error(`a reply must not have the header ${JSON.stringify(name)}`);
    }
    bytes += name.length + value.length + FIELD_OVERHEAD_BYTES;
  }
  if (bytes <= MAX_METADATA_BYTES) return undefined;
  return new Error(`a reply has ${bytes} bytes of headers, the limit is ${MAX_METADATA_BYTES}`);
}

/** Removes the fields that HTTP/2 refuses; all of them when they are too many. */
function removeUnsendable(metadata: Headers): void {
  for (const [name, value] of [...metadata]) {
    if (!isSendable(name, value)) metadata.delete(name);
  }
  if (unsendable(metadata) === undefined) return;
  for (const name of [...metadata.keys()]) metadata.delete(name);
}

function isSendable(name: string, value: string): boolean {
  if (name === "te") return value === "trailers";
  // The server sets the length of a reply; a wrong length breaks the stream.
  return name !== "content-length" && !CONNECTION_FIELDS.has(name);
}

type Unary = (request: object, context: HandlerContext) => MaybePromise<object>;

/**
 * Returns the routes with a check of each reply of a unary method. When HTTP/2 would refuse the
 * reply, the call fails with INTERNAL and the reason is reported; Connect itself would send
 * nothing.
 */
export function withSendableReplies(
  routes: readonly ServiceRoute[],
  report: ServerContext["report"],
): ServiceRoute[] {
  return routes.map(({ service, implementation }) => {
    const methods = { ...implementation } as Record<string, Unary | undefined>;
    for (const { name, localName, methodKind } of service.methods) {
      const implement = methods[localName]?.bind(implementation);
      if (implement === undefined || methodKind !== "unary") continue;
      methods[localName] = async (request, context) => {
        const { responseHeader, responseTrailer } = context;
        try {
          const reply = await implement(request, context);
          const problem = unsendable(responseHeader) ?? unsendable(responseTrailer);
          if (problem === undefined) return reply;
          report(problem, `call to /${service.typeName}/${name}`);
          throw new RpcError(StatusCode.internal, INTERNAL_ERROR_MESSAGE);
        } catch (error) {
          // An error is sent with all of them.
          removeUnsendable(responseHeader);
          removeUnsendable(responseTrailer);
          if (hasMetadata(error)) removeUnsendable(error.metadata);
          throw error;
        }
      };
    }
    return { service, implementation: methods as ServiceRoute["implementation"] };
  });
}

/** Returns true for Connect's errors. */
function hasMetadata(error: unknown): error is { metadata: Headers } {
  return error instanceof Error && "metadata" in error && error.metadata instanceof Headers;
}
