import { expect, test } from "vitest";
import { planServe } from "../../../src/cli/serve/serve-plan.js";
import { parseCacheTarget } from "../../../src/client/cache-target.js";

const listen = (text: string): unknown =>
  planServe({ listen: [text] }, () => "/default.sock").shared[0];

test.each([
  "/p/x.sock",
  "unix:///p/x.sock",
  "unix:/p/x.sock",
  "UNIX:/p/x.sock",
  "Unix:///p/x.sock",
  "  unix:/p/x.sock\n",
  "/p/a b:1.sock",
  "tcp://127.0.0.1:7070",
  "TCP://127.0.0.1:7070",
  "tcp://localhost:07070",
  "Tls://localhost:443",
  "tls://[::1]:443",
  " tcp://127.0.0.1:1 ",
])("--listen and --target read %j as the same address", (text) => {
  expect(parseCacheTarget(text, "--target")).toEqual(listen(text));
});

test.each([
  "",
  "unix:",
  "unix://",
  "UNIX:",
  "http://a:1",
  "HTTPS://a:1",
  "tcp://a",
  "TCP://:1",
  "tls://a:65536",
  "tcp://::1:1",
])("--listen and --target fail for %j", (text) => {
  expect(() => listen(text)).toThrow("--listen: ");
  expect(() => parseCacheTarget(text, "--target")).toThrow("--target: ");
});
