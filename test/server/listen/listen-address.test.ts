import { expect, test } from "vitest";
import {
  formatListenAddress,
  parseListenAddress,
} from "../../../src/server/listen/listen-address.js";

test.each([
  ["unix:///run/x.sock", { kind: "unix", path: "/run/x.sock" }],
  ["unix:/run/x.sock", { kind: "unix", path: "/run/x.sock" }],
  ["UNIX:///run/x.sock", { kind: "unix", path: "/run/x.sock" }],
  ["/run/a b:1.sock", { kind: "unix", path: "/run/a b:1.sock" }],
  ["x.sock", { kind: "unix", path: "x.sock" }],
  ["tcp://127.0.0.1:0", { kind: "tcp", host: "127.0.0.1", port: 0 }],
  ["tcp://localhost:65535", { kind: "tcp", host: "localhost", port: 65_535 }],
  ["tls://localhost:443", { kind: "tls", host: "localhost", port: 443 }],
  ["tcp://[::1]:80", { kind: "tcp", host: "::1", port: 80 }],
] as const)("parseListenAddress parses %s", (text, address) => {
  expect(parseListenAddress(text)).toEqual(address);
  expect(parseListenAddress(formatListenAddress(address))).toEqual(address);
});

test.each([
  ["", "address is empty"],
  ["unix://", "no path in"],
  ["/a\0b", "NUL character"],
  ["http://localhost:1", 'unsupported scheme "http"'],
  ["tls://localhost", "expected host:port in"],
  ["tcp://", "expected host:port in"],
  ["tcp://localhost", "expected host:port in"],
  ["tcp://:80", "expected host:port in"],
  ["tcp://localhost:65536", "port from 0 to 65535"],
  ["tcp://localhost:-1", "expected host:port in"],
  ["tcp://::1:80", "expected host:port in"],
  ["tcp://a/b:80", "expected host:port in"],
])("parseListenAddress fails for %j", (text, message) => {
  expect(() => parseListenAddress(text)).toThrow(message);
});
