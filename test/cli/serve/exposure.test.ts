import { expect, test } from "vitest";
import { assertAuthenticated, exposureWarnings } from "../../../src/cli/serve/exposure.js";
import { parseListenAddress } from "../../../src/server/listen/listen-address.js";

const NOTHING = { hasToken: false, hasClientAuthority: false };
const TOKEN = { hasToken: true, hasClientAuthority: false };
const CERTIFICATES = { hasToken: false, hasClientAuthority: true };

const LOCAL = [
  "unix:///a",
  "tcp://127.0.0.1:1",
  "tcp://127.3.2.1:1",
  "tcp://localhost:1",
  "tcp://LocalHost:1",
  "tls://[::1]:1",
];
const EXPOSED = [
  "tcp://0.0.0.0:1",
  "tcp://[::]:1",
  "tcp://10.0.0.1:1",
  "tcp://127.0.0.1.example:1",
  "tls://example.com:1",
];

test.each(LOCAL)("serve permits %s without a token", (text) => {
  const addresses = [parseListenAddress(text)];
  expect(() => assertAuthenticated(addresses, NOTHING, false)).not.toThrow();
  expect(exposureWarnings(addresses, NOTHING)).toEqual([]);
});

test.each(EXPOSED)("serve fails for %s without a token or --insecure-no-token", (text) => {
  const addresses = [...LOCAL, text].map(parseListenAddress);
  expect(() => assertAuthenticated(addresses, NOTHING, false)).toThrow(
    `${text} would be open to other machines; add --token-file`,
  );
  expect(() => assertAuthenticated(addresses, TOKEN, false)).not.toThrow();
  expect(() => assertAuthenticated(addresses, NOTHING, true)).not.toThrow();
});

test("client certificates replace the token for tls:// only", () => {
  const tls = parseListenAddress("tls://0.0.0.0:1");
  const tcp = parseListenAddress("tcp://0.0.0.0:2");
  expect(() => assertAuthenticated([tls], CERTIFICATES, false)).not.toThrow();
  expect(() => assertAuthenticated([tls, tcp], CERTIFICATES, false)).toThrow("tcp://0.0.0.0:2");
  expect(exposureWarnings([tls, tcp], CERTIFICATES)).toEqual([
    "tcp://0.0.0.0:2: anyone who can connect can read and change all entries; use --token-file",
  ]);
});

test("serve warns about a token that is sent unencrypted", () => {
  const addresses = ["tls://0.0.0.0:1", "tcp://0.0.0.0:2"].map(parseListenAddress);
  expect(exposureWarnings(addresses, TOKEN)).toEqual([
    "tcp://0.0.0.0:2: the token and all values are sent unencrypted; use tls://",
  ]);
});
