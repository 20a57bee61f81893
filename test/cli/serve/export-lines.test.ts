import { execFileSync } from "node:child_process";
import { expect, test } from "vitest";
import { exportLines } from "../../../src/cli/serve/export-lines.js";
import { findBinding } from "../../../src/client/binding-environment.js";

/** The variables of a shell after it has evaluated the lines. */
function environmentFrom(lines: string): Record<string, string> {
  const shown = execFileSync("sh", ["-c", `${lines}env -0`], {
    encoding: "utf8",
    env: { PATH: process.env["PATH"] ?? "" },
  });
  const pairs = shown
    .split("\0")
    .filter((pair) => pair !== "" && !/^(_|PWD|PATH|SHLVL|OLDPWD)=/.test(pair));
  return Object.fromEntries(
    pairs.map((pair) => {
      const separator = pair.indexOf("=");
      return [pair.slice(0, separator), pair.slice(separator + 1)] as const;
    }),
  );
}

test("a cache for any binding has the variable without a name", () => {
  const lines = exportLines({ own: new Map([["", "/a b/x.sock"]]), shared: "/a b/x.sock" });
  expect(lines).toBe(
    [
      "export GESTALT_CACHE_SOCKET='/a b/x.sock'",
      "export GESTALT_HOST_SERVICE_SOCKET='/a b/x.sock'",
      "export GESTALT_HOST_SERVICES=cache",
      "",
    ].join("\n"),
  );
});

test("a single binding has the variables with and without its name", () => {
  const own = new Map([["session", "/s.sock"]]);
  const environment = environmentFrom(
    exportLines({ own, shared: "/s.sock", tokenWord: "$(echo t)" }),
  );
  expect(environment).toEqual({
    GESTALT_CACHE_SOCKET: "/s.sock",
    GESTALT_CACHE_SOCKET_SESSION: "/s.sock",
    GESTALT_CACHE_SOCKET_TOKEN: "t",
    GESTALT_CACHE_SOCKET_SESSION_TOKEN: "t",
    GESTALT_HOST_SERVICE_SOCKET: "/s.sock",
    GESTALT_HOST_SERVICE_TOKEN: "t",
    GESTALT_HOST_SERVICES: "cache",
  });
});

test("a client finds each of several bindings by the exported variables", () => {
  const own = new Map([
    ["session", "tcp://127.0.0.1:7"],
    ["rate-limit", "/r.sock"],
  ]);
  const lines = exportLines({ own, shared: "tls://h:8", tokenWord: "t", trustedFile: "/c a.pem" });
  const environment = environmentFrom(lines);
  expect(environment).toEqual({
    GESTALT_CACHE_SOCKET_SESSION: "tcp://127.0.0.1:7",
    GESTALT_CACHE_SOCKET_RATE_LIMIT: "/r.sock",
    GESTALT_CACHE_SOCKET_SESSION_TOKEN: "t",
    GESTALT_CACHE_SOCKET_RATE_LIMIT_TOKEN: "t",
    GESTALT_HOST_SERVICE_SOCKET: "tls://h:8",
    GESTALT_HOST_SERVICE_TOKEN: "t",
    GESTALT_HOST_SERVICES: "cache",
    GESTALT_HOST_SERVICE_TLS_CA_FILE: "/c a.pem",
    NODE_EXTRA_CA_CERTS: "/c a.pem",
    GRPC_DEFAULT_SSL_ROOTS_FILE_PATH: "/c a.pem",
    SSL_CERT_FILE: "/c a.pem",
  });
  expect(findBinding("rate-limit", environment)).toMatchObject({ target: "/r.sock", token: "t" });
});
