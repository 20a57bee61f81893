import { readFileSync } from "node:fs";
import http from "node:http";
import http2 from "node:http2";
import net from "node:net";
import { join } from "node:path";
import { describe, expect, onTestFinished, test } from "vitest";
import {
  commandSubject,
  renderText,
  runConformance,
  targetSubject,
  type ConformanceOptions,
  type ConformanceReport,
} from "../../src/conformance/index.js";
import { frameMessage } from "../../src/conformance/grpc/grpc-frame.js";
import { tempDirectory, tempSocketPath } from "../support/temp-directory.js";
import { failuresOf } from "./failures.js";
import { bind, createParts, createServer, type Parts } from "./independent-provider.mjs";
import { createTinyProvider } from "./tiny-provider.js";

const QUICK: ConformanceOptions = { callTimeoutMs: 300, startTimeoutMs: 1500 };

/** Serves at a fresh path until the test ends. */
async function listen(server: net.Server): Promise<string> {
  const path = tempSocketPath();
  const sockets = new Set<net.Socket>();
  server.on("connection", (socket: net.Socket) => {
    sockets.add(socket);
    socket.on("error", () => undefined);
  });
  await new Promise<void>((resolve) => server.listen(path, resolve));
  onTestFinished(() => {
    for (const socket of sockets) socket.destroy();
    server.close();
  });
  return path;
}

/** Serves a provider of these parts at a fresh path until the test ends. */
async function serve(parts: Parts): Promise<string> {
  const server = createServer(parts);
  const path = tempSocketPath();
  await bind(server, `unix:${path}`);
  onTestFinished(() => server.forceShutdown());
  return path;
}

function runAt(path: string, options: ConformanceOptions = {}): Promise<ConformanceReport> {
  return runConformance(targetSubject({ kind: "unix", path }), { ...QUICK, ...options });
}

function runCommand(source: string, options: ConformanceOptions = {}): Promise<ConformanceReport> {
  const args = ["--input-type=module", "--eval", source];
  return runConformance(commandSubject({ command: process.execPath, args }), {
    ...QUICK,
    ...options,
  });
}

/** A server that answers every call with these headers, body and trailers. */
function answering(
  headers: http2.OutgoingHttpHeaders,
  body?: Uint8Array,
  trailers?: http2.OutgoingHttpHeaders,
): net.Server {
  const server = http2.createServer();
  server.on("stream", (stream) => {
    stream.on("error", () => undefined);
    stream.respond(headers, { waitForTrailers: trailers !== undefined });
    stream.on("wantTrailers", () => stream.sendTrailers(trailers ?? {}));
    stream.end(body);
  });
  return server;
}

const GRPC = { ":status": 200, "content-type": "application/grpc" };

describe("a run ends with a report against a target", () => {
  test("without a listener", async () => {
    const report = await runAt(tempSocketPath());
    expect(report.problem).toMatch(/cannot be configured: no HTTP\/2 connection: connect ENOENT/);
    expect(report).toMatchObject({ conforms: false, passed: 0, failed: 0 });
  });

  test("that accepts connections and sends nothing", async () => {
    const report = await runAt(await listen(net.createServer()));
    expect(report.problem).toMatch(/no HTTP\/2 SETTINGS within 300 ms after connecting/);
  });

  test("that closes each connection", async () => {
    const report = await runAt(await listen(net.createServer((socket) => socket.destroy())));
    expect(report.problem).toMatch(/the connection closed|ECONNRESET|EPIPE/);
  });

  test("that sends garbage", async () => {
    const garbage = Buffer.from("\0\xff garbage \r\n".repeat(50), "latin1");
    const server = net.createServer((socket) => socket.write(garbage));
    expect((await runAt(await listen(server))).problem).toMatch(/no HTTP\/2 connection/);
  });

  test("that speaks HTTP/1.1", async () => {
    const server = http.createServer((_request, response) => response.end("hello"));
    expect((await runAt(await listen(server))).problem).toMatch(/no HTTP\/2 connection/);
  });

  test("that speaks HTTP/2 and replies to no call", async () => {
    const server = http2.createServer().on("stream", (stream) => {
      stream.on("error", () => undefined);
    });
    const report = await runAt(await listen(server));
    expect(report.problem).toMatch(/no reply within 300 ms/);
  });

  test.each([
    [
      "a web page",
      answering({ ":status": 404, "content-type": "text/html" }),
      /HTTP status 404, content-type text\/html/,
    ],
    [
      "JSON",
      answering({ ":status": 200, "content-type": "application/json" }),
      /content-type application\/json/,
    ],
    ["no status", answering(GRPC), /without grpc-status/],
    ["a status that does not exist", answering({ ...GRPC, "grpc-status": "99" }), /grpc-status 99/],
    [
      "OK without a message",
      answering({ ...GRPC, "grpc-status": "0" }),
      /an OK reply without a message/,
    ],
    [
      "half a frame",
      answering(GRPC, Buffer.of(0, 0), { "grpc-status": "0" }),
      /too short for a gRPC frame/,
    ],
    [
      "a wrong length",
      answering(GRPC, Buffer.of(0, 0, 0, 0, 9, 1), { "grpc-status": "0" }),
      /length of 9 bytes, followed by 1/,
    ],
    [
      "two messages",
      answering(GRPC, Buffer.concat([frameMessage(Buffer.of()), frameMessage(Buffer.of())]), {
        "grpc-status": "0",
      }),
      /length of 0 bytes, followed by 5/,
    ],
    [
      "a compressed frame",
      answering(GRPC, Buffer.of(1, 0, 0, 0, 0), { "grpc-status": "0" }),
      /flag 1, although the request accepts no compression/,
    ],
    [
      "bytes that are no message",
      answering(GRPC, frameMessage(Buffer.of(0x0f)), { "grpc-status": "0" }),
      /not a gestalt\.provider\.v1\.CacheGetResponse/,
    ],
  ])("that replies with %s", async (_answer, server, problem) => {
    expect((await runAt(await listen(server))).problem).toMatch(problem);
  });

  test("that expects a token", async () => {
    const server = answering({ ...GRPC, "grpc-status": "16", "grpc-message": "no token" });
    const report = await runAt(await listen(server));
    expect(report.problem).toBe(
      "the target requires a token; it was not sent or is wrong: UNAUTHENTICATED: no token",
    );
    expect(report).toMatchObject({ failed: 0, conforms: false });
  });

  test("that refuses its configuration", async () => {
    const parts = createParts();
    parts.lifecycle["ConfigureProvider"] = () => {
      throw Object.assign(new Error(), { code: 3, details: "redis: connection refused" });
    };
    const report = await runAt(await serve(parts));
    expect(report.problem).toBe(
      "the provider cannot be configured: INVALID_ARGUMENT: redis: connection refused",
    );
    expect(report).toMatchObject({ failed: 0, conforms: false });
    expect(renderText(report).split("\n\n")[1]).toBe(`The run ended early: ${report.problem}.`);
  });

  test("that resets every call", async () => {
    const server = http2.createServer().on("stream", (stream) => {
      stream.on("error", () => undefined);
      stream.close(http2.constants.NGHTTP2_INTERNAL_ERROR);
    });
    expect((await runAt(await listen(server))).problem).toMatch(/NGHTTP2_INTERNAL_ERROR/);
  });

  test("that does not reply to one operation, after three calls of it", async () => {
    const parts = createParts();
    parts.cache["Touch"] = () => new Promise(() => undefined);
    const report = await runAt(await serve(parts), { only: ["delete/removes", "touch"] });
    expect(report.problem).toBe("the provider did not reply to 3 calls");
    expect(report).toMatchObject({ passed: 1, failed: 3, conforms: false });
    expect(failuresOf(report)[0]).toBe(
      "touch/live-is-true: expected a reply, received no reply within 300 ms",
    );
  });
});

describe("a run ends with a report against a command", () => {
  test("that does not exist", async () => {
    const subject = commandSubject({ command: "/nonexistent/provider", args: [] });
    const report = await runConformance(subject, QUICK);
    expect(report.problem).toBe(
      'the provider does not start: the command "/nonexistent/provider" was not found',
    );
  });

  test.each(["process", "bounds/max-entries"])(
    "that does not exist, with one problem for all cases of %s",
    async (only) => {
      const subject = commandSubject({ command: "/nonexistent/provider", args: [] });
      const report = await runConformance(subject, { ...QUICK, only: [only] });
      expect(failuresOf(report)).toEqual([
        'the provider does not start: the command "/nonexistent/provider" was not found',
      ]);
    },
  );

  test("that ends, and leaves a process with its output open", async () => {
    const file = join(tempDirectory(), "pid");
    const report = await runCommand(`
      import { spawn } from "node:child_process";
      import { writeFileSync } from "node:fs";
      const { pid } = spawn("sleep", ["30"], { detached: true, stdio: "inherit" });
      writeFileSync(${JSON.stringify(file)}, String(pid));
      process.exit(3);
    `);
    process.kill(Number(readFileSync(file, "utf8")), "SIGKILL");
    expect(report.problem).toMatch(/does not start: exit code 3/);
    expect(report.durationMs).toBeLessThan(10_000);
  }, 40_000);

  test("that exits at once, with its output", async () => {
    const report = await runCommand('console.error("no licence found"); process.exit(7)');
    expect(report.problem).toBe(
      "the provider does not start: exit code 7; it printed: no licence found",
    );
  });

  test("that never opens its socket", async () => {
    const report = await runCommand("setInterval(() => {}, 1000)");
    expect(report.problem).toBe("the provider does not start: no socket; it printed nothing");
  });

  test("that opens its socket and sends nothing", async () => {
    const report = await runCommand(
      'import net from "node:net"; net.createServer().listen(process.env.GESTALT_PLUGIN_SOCKET)',
    );
    expect(report.problem).toMatch(
      /does not start: no HTTP\/2 SETTINGS within 300 ms after connecting/,
    );
  });

  test("that ends with every call, after a few restarts", async () => {
    const report = await runCommand(crashing("true"), { only: ["get", "set"] });
    expect(report.problem).toMatch(
      /the provider exited 6 times during the run|cannot be configured/,
    );
    expect(report.conforms).toBe(false);
  }, 30_000);

  test("that exits in one operation, after all other cases", async () => {
    const report = await runCommand(crashing('path.endsWith("/Touch")'), {
      only: ["touch/live-is-true", "touch/negative-ttl-refused", "errors/unknown-method"],
    });
    expect(report.problem).toBe(undefined);
    expect(failuresOf(report)).toEqual([
      expect.stringMatching(
        /^touch\/live-is-true: .*the provider exited \(exit code 9; it printed: dying/,
      ),
      expect.stringMatching(/^touch\/negative-ttl-refused: .*the provider exited \(exit code 9/),
    ]);
    expect(report.passed).toBe(1);
  }, 30_000);
});

/** A server that answers UNIMPLEMENTED, or nothing at all: it ends when `condition` holds. */
function crashing(condition: string): string {
  return `
    import http2 from "node:http2";
    const server = http2.createServer();
    server.on("stream", (stream, { ":path": path }) => {
      if (${condition}) {
        console.log("dying");
        process.exit(9);
      }
      stream.on("error", () => {});
      if (/[/](Get|Set)$/.test(path)) {
        stream.respond({ ":status": 200, "content-type": "application/grpc" }, { waitForTrailers: true });
        stream.on("wantTrailers", () => stream.sendTrailers({ "grpc-status": "0" }));
        stream.end(Buffer.alloc(5));
      } else {
        stream.respond({ ":status": 200, "content-type": "application/grpc", "grpc-status": "12" });
        stream.end();
      }
    });
    server.listen(process.env.GESTALT_PLUGIN_SOCKET);
  `;
}

describe("a run ends with a report against a provider in process", () => {
  test("that cannot be created", async () => {
    const report = await runConformance(() => {
      throw new Error("no backend");
    });
    expect(report.problem).toBe("the provider cannot be used: Error: no backend");
  });

  test("that never replies", async () => {
    const report = await runConformance(
      (clock) => {
        const provider = createTinyProvider(clock);
        provider.delete = () => new Promise(() => undefined);
        return provider;
      },
      { ...QUICK, only: ["delete"] },
    );
    expect(report).toMatchObject({ failed: 3, conforms: false });
    expect(report.problem).toBe("the provider did not reply to 3 calls");
  });

  test("that throws a value that is not an error", async () => {
    const report = await runConformance(
      (clock) => {
        const provider = createTinyProvider(clock);
        provider.deleteMany = () => {
          // eslint-disable-next-line @typescript-eslint/only-throw-error -- what is tested
          throw "out of cheese";
        };
        return provider;
      },
      { only: ["delete-many/empty-list"] },
    );
    expect(failuresOf(report)).toEqual([
      "delete-many/empty-list: expected OK, received INTERNAL: out of cheese",
    ]);
  });
});

test("a run against a target of cases that all need a command does not conform", async () => {
  const report = await runAt(await serve(createParts()), { only: ["process"] });
  expect(report).toMatchObject({ passed: 0, failed: 0, conforms: false });
});

test("a key that the provider refuses is in the calls of the failed case", async () => {
  const parts = createParts();
  const get = parts.cache["Get"];
  parts.cache["Get"] = (request) => {
    const { key = "" } = request as { key?: string };
    if (key === "") throw Object.assign(new Error(), { code: 3, details: "key is required" });
    return get?.(request);
  };
  const { results } = await runAt(await serve(parts), { only: ["keys/empty"] });
  expect(results).toMatchObject([{ sent: ['Get("") -> INVALID_ARGUMENT: key is required'] }]);
});

test("a run that is interrupted ends with a report", async () => {
  const controller = new AbortController();
  const report = await runConformance(createTinyProvider, {
    signal: controller.signal,
    onProgress: ({ done }) => {
      if (done === 5) controller.abort();
    },
  });
  expect(report).toMatchObject({ passed: 5, conforms: false, problem: "the run was interrupted" });
});
