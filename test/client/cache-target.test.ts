import { expect, test } from "vitest";
import { formatCacheTarget, parseCacheTarget } from "../../src/client/cache-target.js";

test.each([
  ["/run/c.sock", { kind: "unix", path: "/run/c.sock" }, "unix:///run/c.sock"],
  [" unix:///run/c.sock ", { kind: "unix", path: "/run/c.sock" }, "unix:///run/c.sock"],
  ["relative/c.sock", { kind: "unix", path: "relative/c.sock" }, "unix://relative/c.sock"],
  ["tcp://localhost:80", { kind: "tcp", host: "localhost", port: 80 }, "tcp://localhost:80"],
  ["tls://[::1]:65535", { kind: "tls", host: "::1", port: 65_535 }, "tls://[::1]:65535"],
] as const)("%j", (text, target, formatted) => {
  expect(parseCacheTarget(text, "X")).toEqual(target);
  expect(formatCacheTarget(target)).toBe(formatted);
});

test.each([
  ["", "X: target is empty; use a socket path, unix:///path, tcp://host:port or tls://host:port"],
  ["unix://", 'X: no path in "unix://"'],
  ["http://a:1", 'X: unsupported scheme "http" in "http://a:1"'],
  ["://a", 'X: unsupported scheme "" in "://a"'],
  ["tcp://a", 'X: expected host:port in "tcp://a"'],
  ["tcp://:1", 'X: expected host:port in "tcp://:1"'],
  ["tcp://a:0", 'X: expected host:port in "tcp://a:0"'],
  ["tls://a:65536", 'X: expected host:port in "tls://a:65536"'],
  ["tcp://a:1/b", 'X: expected host:port in "tcp://a:1/b"'],
  ["tcp://::1:1", 'X: expected host:port in "tcp://::1:1"'],
  [`/${"é".repeat(60)}`, "X: socket path has 121 bytes, at most"],
])("%j is refused", (text, message) => {
  expect(() => parseCacheTarget(text, "X")).toThrow(message);
});
