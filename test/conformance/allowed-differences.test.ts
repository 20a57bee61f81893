/** What providers may do differently: each of these once failed a case that no host needs. */
import { readFileSync } from "node:fs";
import http2 from "node:http2";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { Code, ConnectError } from "@connectrpc/connect";
import { expect, onTestFinished, test } from "vitest";
import {
  commandSubject,
  inProcessSubject,
  runConformance,
  targetSubject,
  type ConformanceOptions,
  type ConformanceReport,
} from "../../src/conformance/index.js";
import { CacheError } from "../../src/contract/cache-error.js";
import { catchMaybe } from "../../src/contract/maybe-promise.js";
import { tempDirectory, tempSocketPath } from "../support/temp-directory.js";
import { failuresOf, skippedOf } from "./failures.js";
import { bind, createParts, createServer, type Parts } from "./independent-provider.mjs";
import { createTinyProvider } from "./tiny-provider.js";

const INDEPENDENT = pathToFileURL(join(import.meta.dirname, "independent-provider.mjs")).href;

/** Runs the independent provider as a process, with these statements about its `parts`. */
function runChanged(
  statements: string,
  options: ConformanceOptions,
  env: Readonly<Record<string, string>> = {},
): Promise<ConformanceReport> {
  const source = `
    import { createParts, liveUnderHost } from ${JSON.stringify(INDEPENDENT)};
    import { writeFileSync } from "node:fs";
    const parts = createParts();
    ${statements}
    await liveUnderHost({ parts });
  `;
  const args = ["--input-type=module", "--eval", source];
  return runConformance(commandSubject({ command: process.execPath, args, env }), options);
}

async function runServed(
  change: (parts: Parts) => void,
  options: ConformanceOptions,
): Promise<ConformanceReport> {
  const parts = createParts();
  change(parts);
  const server = createServer(parts);
  const path = tempSocketPath();
  await bind(server, `unix:${path}`);
  onTestFinished(() => server.forceShutdown());
  return runConformance(targetSubject({ kind: "unix", path }), options);
}

const START_CASES = ["plugin-socket", "provider-socket", "newer-name-first", "without-name"].map(
  (name) => `process/${name}`,
);
const NOT_SET =
  "the provider accepts none of the protocol versions of the hosts that set this variable";

test("a provider of protocol version 5 needs only the newer name of the socket", async () => {
  const report = await runChanged(
    `Object.assign(parts.identity, { min: 5, max: 5 });
     parts.life.socketPath = (env) => env.GESTALT_PROVIDER_SOCKET;`,
    { only: START_CASES },
  );
  expect(failuresOf(report)).toEqual([]);
  expect(skippedOf(report)).toEqual({ [NOT_SET]: 1 });
}, 60_000);

test("a provider of protocol versions 2 to 4 needs only the older name", async () => {
  const report = await runChanged(
    `Object.assign(parts.identity, { min: 2, max: 4 });
     parts.life.socketPath = (env) => env.GESTALT_PLUGIN_SOCKET;`,
    { only: START_CASES },
  );
  expect(failuresOf(report)).toEqual([]);
  expect(skippedOf(report)).toEqual({ [NOT_SET]: 2 });
}, 60_000);

test("a provider that accepts protocol version 4 alone is configured with it", async () => {
  const report = await runChanged("Object.assign(parts.identity, { min: 4, max: 4 });", {
    only: ["process/launch-record-as-config", "process/failed-configure-opens-nothing"],
  });
  expect(failuresOf(report)).toEqual([]);
  expect(report.passed).toBe(2);
}, 60_000);

test("a large value may be refused as OUT_OF_RANGE, and a negative TTL in any words", async () => {
  const refuse = (code: number, details: string): never => {
    throw Object.assign(new Error(details), { code, details });
  };
  const report = await runServed(
    (parts) => {
      const set = parts.cache["Set"];
      parts.cache["Set"] = (request) => {
        const { value, ttl } = request as { value?: Buffer; ttl?: { seconds?: string } };
        if ((value?.length ?? 0) > 4_000_000) refuse(11, "the value is too large");
        if (Number(ttl?.seconds ?? 0) < 0) refuse(3, "TTL is negative");
        return set?.(request);
      };
    },
    { only: ["bounds/accepted-can-be-read", "ttl/negative-says-why"] },
  );
  expect(failuresOf(report)).toEqual([]);
});

test("a provider in process may throw ConnectErrors, and each keeps its code and text", async () => {
  const report = await runConformance(
    (clock) => {
      const provider = createTinyProvider(clock);
      const fail = (error: unknown): never => {
        if (!(error instanceof CacheError)) throw error;
        const code = error.code === "invalid_argument" ? Code.InvalidArgument : Code.OutOfRange;
        throw new ConnectError(error.message, code);
      };
      const set = provider.set.bind(provider);
      provider.set = (...args) => catchMaybe(() => set(...args), fail);
      return provider;
    },
    { only: ["ttl/negative-refused", "ttl/negative-says-why", "bounds/accepted-can-be-read"] },
  );
  expect(failuresOf(report)).toEqual([]);
  expect(report.passed).toBe(3);
});

test("HTTP status 404 stands for UNIMPLEMENTED, as in gRPC's own table", async () => {
  const server = http2.createServer().on("stream", (stream, { ":path": path }) => {
    stream.on("error", () => undefined);
    if (path !== "/gestalt.provider.v1.Cache/Get") {
      stream.respond({ ":status": 404, "content-type": "text/plain" });
      stream.end("404 page not found");
      return;
    }
    stream.respond(
      { ":status": 200, "content-type": "application/grpc" },
      { waitForTrailers: true },
    );
    stream.on("wantTrailers", () => stream.sendTrailers({ "grpc-status": "0" }));
    stream.end(Buffer.alloc(5));
  });
  const path = tempSocketPath();
  await new Promise<void>((resolve) => server.listen(path, resolve));
  onTestFinished(() => void server.close());
  const report = await runConformance(targetSubject({ kind: "unix", path }), {
    only: ["errors/unknown-method", "errors/unknown-service"],
  });
  expect(failuresOf(report)).toEqual([]);
});

const OTHERS = { "": "theirs", constructor: "theirs", ["__proto__"]: "theirs" };
const IN_USE = /^the key .* already has an entry/;

test("a run leaves other clients' entries in the backend of a command unchanged", async () => {
  const file = join(tempDirectory(), "left");
  const report = await runChanged(
    `const others = ["", "constructor", "__proto__"];
     for (const key of others) parts.write(key, "theirs", 0);
     const { exit } = parts.life;
     parts.life.exit = () => {
       const left = others.map((key) => String(parts.entries.get(key)?.value));
       writeFileSync(process.env.LEFT, JSON.stringify([...left, parts.entries.size]));
       exit();
     };`,
    { only: ["keys"] },
    { LEFT: file },
  );
  expect(failuresOf(report)).toEqual([]);
  expect(report.results.filter(({ outcome }) => outcome === "skipped")).toHaveLength(3);
  expect(Object.keys(skippedOf(report)).every((reason) => IN_USE.test(reason))).toBe(true);
  expect(JSON.parse(readFileSync(file, "utf8"))).toEqual(["theirs", "theirs", "theirs", 3]);
}, 60_000);

test("a run leaves other clients' entries in the backend of a provider in process unchanged", async () => {
  const backend = new Map(Object.entries(OTHERS).map(([key, text]) => [key, Buffer.from(text)]));
  const report = await runConformance(
    inProcessSubject(
      (clock) => {
        const provider = createTinyProvider(clock);
        Object.assign(provider, {
          get: (key: string) => backend.get(key),
          set: (key: string, value: Uint8Array) => void backend.set(key, Buffer.from(value)),
          delete: (key: string) => backend.delete(key),
        });
        return provider;
      },
      { clock: "real" },
    ),
    { only: ["keys/empty", "keys/object-names", "keys/object-names-in-batches"] },
  );
  expect(failuresOf(report)).toEqual([]);
  expect(report.skipped).toBe(3);
  expect(Object.keys(OTHERS).map((key) => String(backend.get(key)))).toEqual(
    Object.keys(OTHERS).map(() => "theirs"),
  );
});
