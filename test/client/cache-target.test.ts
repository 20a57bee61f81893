import { describe, expect, test } from "vitest";
import { formatCacheTarget, originOf, parseCacheTarget } from "../../src/client/cache-target.js";

test.each([
  ["/run/c.sock", { kind: "unix", path: "/run/c.sock" }, "unix:///run/c.sock"],
  [" unix:///run/c.sock ", { kind: "unix", path: "/run/c.sock" }, "unix:///run/c.sock"],
  ["relative/c.sock", { kind: "unix", path: "relative/c.sock" }, "unix://relative/c.sock"],
  ["tcp://localhost:80", { kind: "tcp", host: "localhost", port: 80 }, "tcp://localhost:80"],
  ["tls://[::1]:65535", { kind: "tls", host: "::1", port: 65_535 }, "tls://[::1]:65535"],
] as const)("parseCacheTarget parses %j", (text, target, formatted) => {
  expect(parseCacheTarget(text, "X")).toEqual(target);
  expect(formatCacheTarget(target)).toBe(formatted);
});

describe("parseCacheTarget normalizes hosts as URLs do", () => {
  test.each([
    ["127.0.0.1", "127.0.0.1"],
    ["127.1", "127.0.0.1"],
    ["0x7f.0.0.1", "127.0.0.1"],
    ["2130706433", "127.0.0.1"],
    ["0", "0.0.0.0"],
    ["LOCALHOST", "localhost"],
    ["Cache.Example.COM", "cache.example.com"],
    ["localhost.", "localhost."],
    ["my_cache-1", "my_cache-1"],
    ["bücher.example", "xn--bcher-kva.example"],
    ["日本。jp", "xn--wgv71a.jp"],
    ["xn--bcher-kva.example", "xn--bcher-kva.example"],
    ["[::1]", "::1"],
    ["[0:0:0:0:0:0:0:1]", "::1"],
    ["[::ffff:127.0.0.1]", "::ffff:7f00:1"],
    ["[FE80::ABCD]", "fe80::abcd"],
  ])("%s", (written, host) => {
    expect(parseCacheTarget(`tcp://${written}:7070`, "X")).toEqual({
      kind: "tcp",
      host,
      port: 7070,
    });
  });
});

// Connect compares the origins of request and connection as strings.
describe("originOf returns the origin that URL computes", () => {
  test.each([
    ["/run/c.sock", "http://localhost"],
    ["tcp://127.0.0.1:80", "http://127.0.0.1"],
    ["tcp://127.0.0.1:0080", "http://127.0.0.1"],
    ["tcp://127.1:80", "http://127.0.0.1"],
    ["tcp://LOCALHOST:443", "http://localhost:443"],
    ["tcp://[::1]:80", "http://[::1]"],
    ["tcp://[0:0::1]:8080", "http://[::1]:8080"],
    ["tcp://bücher.example:7070", "http://xn--bcher-kva.example:7070"],
    ["tls://localhost:443", "https://localhost"],
    ["tls://Localhost:80", "https://localhost:80"],
    ["tls://[::1]:443", "https://[::1]"],
  ])("%s", (text, origin) => {
    expect(originOf(parseCacheTarget(text, "X"))).toBe(origin);
    expect(new URL(`${origin}/gestalt.provider.v1.Cache/Get`).origin).toBe(origin);
  });
});

test.each([
  ["", "X: address is empty; use a socket path, unix:///path, tcp://host:port or tls://host:port"],
  ["unix://", 'X: no path in "unix://"'],
  ["/run/a\0b", 'X: NUL character in path "/run/a\\u0000b"'],
  ["http://a:1", 'X: unsupported scheme "http" in "http://a:1"'],
  ["://a", 'X: unsupported scheme "" in "://a"'],
  [`/${"é".repeat(60)}`, "X: socket path has 121 bytes, above the limit of"],
])("parseCacheTarget fails for %j", (text, message) => {
  expect(() => parseCacheTarget(text, "X")).toThrow(message);
});

test.each([
  "tcp://",
  "tcp://a",
  "tcp://a:",
  "tcp://:1",
  "tcp://a:0",
  "tls://a:00000",
  "tls://a:65536",
  "tcp://a:100000",
  "tcp://a:-1",
  "tcp://a:+1",
  "tcp://a:1.5",
  "tcp://a:http",
  "tcp://a:1/",
  "tcp://a:1/b",
  "tcp://a/b:1",
  "tcp://a\\b:1",
  "tcp://a:1?b",
  "tcp://a?b:1",
  "tcp://a:1#b",
  "tcp://a#b:1",
  "tcp://user@a:1",
  "tcp://user:password@a:1",
  "tcp://@a:1",
  "tcp://%61:1",
  "tcp://a b:1",
  "tcp://a\nb:1",
  "tcp://a\tb:1",
  "tcp://::1:1",
  "tcp://[::1]",
  "tcp://[::1:1",
  "tcp://::1]:1",
  "tcp://[]:1",
  "tcp://[fe80::1%eth0]:1",
])("parseCacheTarget fails for %j, which is not host:port", (text) => {
  expect(() => parseCacheTarget(text, "X")).toThrow(
    `X: expected host:port in ${JSON.stringify(text)}, with a port from 1 to 65535; use a socket path`,
  );
});

test.each(["256.1.1.1", "1.2.3.4.5", "a<b", "a^b", "a|b", "a\u0001b", "\u00ad", "\ud800"])(
  "parseCacheTarget fails for host %j, which is invalid in a URL",
  (host) => {
    expect(() => parseCacheTarget(`tcp://${host}:1`, "X")).toThrow(
      `X: invalid host ${JSON.stringify(host)} in ${JSON.stringify(`tcp://${host}:1`)}`,
    );
  },
);

test.each(["[1:2]", "[g::1]", "[::1::2]", "[127.0.0.1]"])(
  "parseCacheTarget fails for host %j, which is not an IPv6 address",
  (host) => {
    expect(() => parseCacheTarget(`tls://${host}:1`, "X")).toThrow(`X: invalid host "${host}"`);
  },
);
