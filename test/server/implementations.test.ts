import { Code, ConnectError, type HandlerContext } from "@connectrpc/connect";
import { describe, expect, onTestFinished, test, vi } from "vitest";
import { Cache } from "../../src/rpc/gen/gestalt/provider/v1/cache_pb.js";
import { routeOf } from "../../src/rpc/provider-services.js";
import { startProviderServer } from "../../src/server/provider-server.js";
import { until } from "../support/child-process.js";
import {
  exchange,
  frame,
  grpcHeaders,
  grpcStatus,
  openSession,
  type RawAnswer,
} from "../support/raw-http2.js";
import { tempSocketPath } from "../support/temp-directory.js";

const GET = "/gestalt.provider.v1.Cache/Get";
const request = frame(Buffer.from("0a016b", "hex"));

type Get = (request: { key: string }, context: HandlerContext) => Promise<object> | object;

/** Serves one implementation of Get, as any author of a Connect service may write it. */
async function serveGet(
  dispatcher: "lean" | "connect",
  get: Get,
  report: (error: unknown) => void = () => {},
): Promise<string> {
  const path = tempSocketPath();
  const routes = [routeOf(Cache, { get })];
  const server = await startProviderServer({ routes, dispatcher, report }, { kind: "unix", path });
  onTestFinished(() => server.close());
  return path;
}

async function callGet(path: string, more: Record<string, string> = {}): Promise<RawAnswer> {
  const headers = grpcHeaders(GET, more);
  return exchange(openSession(path), { headers, body: [request] });
}

describe.each(["lean", "connect"] as const)("%s: a Connect implementation", (dispatcher) => {
  test("receives the call's metadata", async () => {
    const seen = vi.fn();
    const path = await serveGet(dispatcher, (_request, context) => {
      const { method, service, protocolName, requestMethod, requestHeader, url } = context;
      seen(method.name, service.typeName, protocolName, requestMethod, new URL(url).pathname);
      seen(requestHeader.get("x-one"), context.signal.aborted);
      seen((context.timeoutMs() ?? 0) > 50_000);
      return {};
    });
    await callGet(path, { "x-one": "1", "grpc-timeout": "1M" });
    expect(seen.mock.calls).toEqual([
      ["Get", "gestalt.provider.v1.Cache", "grpc", "POST", GET],
      ["1", false],
      [true],
    ]);
  });

  test("may send headers and trailers, but not the status", async () => {
    const path = await serveGet(dispatcher, (_request, { responseHeader, responseTrailer }) => {
      responseHeader.set("x-head", "h");
      responseTrailer.set("x-tail", "t");
      return {};
    });
    const { headers, trailers } = await callGet(path);
    expect(headers["x-head"]).toBe("h");
    expect(trailers).toMatchObject({ "x-tail": "t", "grpc-status": "0" });
  });

  test("passes Connect errors to the caller", async () => {
    const path = await serveGet(dispatcher, () => {
      throw new ConnectError("not here", Code.NotFound);
    });
    expect(grpcStatus(await callGet(path))).toEqual({ code: "5", message: "not here" });
  });

  test("does not pass other errors to the caller", async () => {
    const path = await serveGet(dispatcher, () => Promise.reject(new Error("secret")));
    expect(grpcStatus(await callGet(path))).toEqual({ code: "13", message: "internal error" });
  });

  test("is UNIMPLEMENTED for a missing method", async () => {
    const path = await serveGet(dispatcher, () => ({}));
    const headers = grpcHeaders("/gestalt.provider.v1.Cache/Delete");
    const answer = await exchange(openSession(path), { headers, body: [request] });
    expect(grpcStatus(answer).code).toBe("12");
  });

  test.each(["the client cancels", "the deadline passes"])(
    "has its signal aborted when %s",
    async (event) => {
      let signal: AbortSignal | undefined;
      const path = await serveGet(dispatcher, (_request, context) => {
        ({ signal } = context);
        return new Promise(() => {});
      });
      const more = event === "the deadline passes" ? { "grpc-timeout": "20m" } : {};
      const stream = openSession(path).request(grpcHeaders(GET, more));
      stream.on("error", () => {});
      stream.end(request);
      await until(() => signal !== undefined);
      if (event === "the client cancels") stream.close(8);
      await until(() => signal?.aborted === true);
      const code = event === "the client cancels" ? Code.Canceled : Code.DeadlineExceeded;
      expect(signal?.reason).toMatchObject({ code });
    },
  );
});

/** Fields that HTTP/2 does not carry, and what is reported of each. */
const REFUSED_FIELDS = [
  ["connection", "close", '"connection"'],
  ["connection", "keep-alive", '"connection"'],
  ["keep-alive", "timeout=5", '"keep-alive"'],
  ["proxy-connection", "close", '"proxy-connection"'],
  ["transfer-encoding", "chunked", '"transfer-encoding"'],
  ["upgrade", "h2c", '"upgrade"'],
  ["http2-settings", "x", '"http2-settings"'],
  ["te", "gzip", '"te"'],
  ["content-length", "3", '"content-length"'],
  ["x-long", "x".repeat(70_000), "bytes of headers"],
] as const;

describe.each(["lean", "connect"] as const)("%s: a reply that HTTP/2 refuses", (dispatcher) => {
  describe.each(["responseHeader", "responseTrailer"] as const)("by its %s", (where) => {
    describe.each(["at once", "later"])("answered %s", (when) => {
      test.each(REFUSED_FIELDS)("%s: %.20s", async (name, value, reported) => {
        const report = vi.fn();
        const get: Get = (_request, context) => {
          context[where].set(name, value);
          return when === "later" ? Promise.resolve({}) : {};
        };
        const path = await serveGet(dispatcher, get, report);
        const status = { code: "13", message: "internal error" };
        expect(grpcStatus(await callGet(path))).toEqual(status);
        expect(report).toHaveBeenCalledExactlyOnceWith(expect.any(Error), `call to ${GET}`);
        expect(String(report.mock.calls[0]?.[0])).toContain(reported);
      });
    });
  });

  test.each(REFUSED_FIELDS)("an error keeps its status beside %s: %.20s", async (name, value) => {
    const path = await serveGet(dispatcher, (_request, { responseHeader, responseTrailer }) => {
      responseHeader.set(name, value);
      responseTrailer.set(name, value);
      throw new ConnectError("not here", Code.NotFound, { [name]: value });
    });
    expect(grpcStatus(await callGet(path))).toEqual({ code: "5", message: "not here" });
  });

  test("a reply with 50,000 bytes of headers is sent", async () => {
    const path = await serveGet(dispatcher, (_request, { responseHeader }) => {
      responseHeader.set("x-long", "x".repeat(50_000));
      responseHeader.set("te", "trailers");
      return {};
    });
    const answer = await callGet(path);
    expect(grpcStatus(answer).code).toBe("0");
    expect(answer.headers["x-long"]).toHaveLength(50_000);
  });
});

test("a call carries context values", async () => {
  const key = { id: Symbol("k"), defaultValue: "default" };
  const seen = vi.fn();
  const path = await serveGet("lean", (_request, { values }) => {
    seen(values.get(key), values.set(key, "set").get(key), values.delete(key).get(key));
    return {};
  });
  await callGet(path);
  expect(seen).toHaveBeenCalledWith("default", "set", "default");
});
