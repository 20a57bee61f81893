import { performance } from "node:perf_hooks";
import type { DescMethod, DescService } from "@bufbuild/protobuf";
import type { HandlerContext } from "@connectrpc/connect";
import type { OutgoingHttpHeaders } from "node:http2";
import { RpcError } from "../../rpc/rpc-error.js";
import { unsendable } from "./reply-metadata.js";
import type { UnaryCall } from "./unary-call.js";
import { webHeadersFrom } from "./web-headers.js";

type ContextValues = HandlerContext["values"];

/**
 * What an implementation receives besides the request, in Connect's shape. Each member is made
 * when it is first read, since most implementations read none.
 */
export class CallContext implements HandlerContext {
  readonly protocolName = "grpc";
  readonly requestMethod = "POST";
  #controller: AbortController | undefined = undefined;
  #requestHeaders: Headers | undefined = undefined;
  #responseHeaders: Headers | undefined = undefined;
  #responseTrailers: Headers | undefined = undefined;
  #contextValues: ContextValues | undefined = undefined;

  readonly #call: UnaryCall;

  constructor(call: UnaryCall) {
    this.#call = call;
  }

  get method(): DescMethod {
    const { desc, path } = this.#call.method;
    if (desc === undefined) throw new Error(`${path} is served without its descriptor`);
    return desc;
  }

  get service(): DescService {
    return this.method.parent;
  }

  get url(): string {
    return `http://localhost${this.#call.method.path}`;
  }

  get signal(): AbortSignal {
    this.#controller ??= new AbortController();
    return this.#controller.signal;
  }

  get timeoutMs(): () => number | undefined {
    const { deadlineMs } = this.#call;
    return () => (deadlineMs === 0 ? undefined : deadlineMs - performance.now());
  }

  get requestHeader(): Headers {
    this.#requestHeaders ??= webHeadersFrom(this.#call.headers);
    return this.#requestHeaders;
  }

  get responseHeader(): Headers {
    this.#responseHeaders ??= new Headers();
    return this.#responseHeaders;
  }

  get responseTrailer(): Headers {
    this.#responseTrailers ??= new Headers();
    return this.#responseTrailers;
  }

  get values(): ContextValues {
    this.#contextValues ??= createValues();
    return this.#contextValues;
  }

  /** Aborts the signal, if the implementation has read it. */
  abort(code: number, message: string): void {
    // An error costs more than a whole call, and few implementations read the signal.
    this.#controller?.abort(new RpcError(code, message));
  }

  /**
   * Returns the reply's headers, with those that the implementation has set.
   * @throws Error when HTTP/2 refuses one of them
   */
  withHeaders(headers: OutgoingHttpHeaders): OutgoingHttpHeaders {
    return merge(headers, this.#responseHeaders);
  }

  /**
   * Returns the reply's trailers, with those that the implementation has set.
   * @throws Error when HTTP/2 refuses one of them
   */
  withTrailers(trailers: OutgoingHttpHeaders): OutgoingHttpHeaders {
    return merge(trailers, this.#responseTrailers);
  }
}

/** Merges headers. Those of the protocol replace those of the implementation. */
function merge(own: OutgoingHttpHeaders, added: Headers | undefined): OutgoingHttpHeaders {
  if (added === undefined) return own;
  const problem = unsendable(added);
  if (problem !== undefined) throw problem;
  return { ...Object.fromEntries(added), ...own };
}

/** Does what Connect's function of this name does, without loading Connect. */
function createValues(): ContextValues {
  const values = new Map<symbol, unknown>();
  const contextValues: ContextValues = {
    get: <T>({ id, defaultValue }: { id: symbol; defaultValue: T }) =>
      values.has(id) ? (values.get(id) as T) : defaultValue,
    set: ({ id }, value) => {
      values.set(id, value);
      return contextValues;
    },
    delete: ({ id }) => {
      values.delete(id);
      return contextValues;
    },
  };
  return contextValues;
}
