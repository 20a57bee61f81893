import { expect, test } from "vitest";
import { assertExposedOnPurpose, exposureWarnings } from "../../../src/cli/serve/exposure.js";
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

test.each(LOCAL)("%s needs nothing", (text) => {
  const addresses = [parseListenAddress(text)];
  expect(() => assertExposedOnPurpose(addresses, NOTHING, false)).not.toThrow();
  expect(exposureWarnings(addresses, NOTHING)).toEqual([]);
});

test.each(EXPOSED)("%s needs a token, or the user's word", (text) => {
  const addresses = [...LOCAL, text].map(parseListenAddress);
  expect(() => assertExposedOnPurpose(addresses, NOTHING, false)).toThrow(
    `${text} would be open to other machines; add --token-file`,
  );
  expect(() => assertExposedOnPurpose(addresses, TOKEN, false)).not.toThrow();
  expect(() => assertExposedOnPurpose(addresses, NOTHING, true)).not.toThrow();
});

test("client certificates do for TLS, and for nothing else", () => {
  const tls = parseListenAddress("tls://0.0.0.0:1");
  const tcp = parseListenAddress("tcp://0.0.0.0:2");
  expect(() => assertExposedOnPurpose([tls], CERTIFICATES, false)).not.toThrow();
  expect(() => assertExposedOnPurpose([tls, tcp], CERTIFICATES, false)).toThrow("tcp://0.0.0.0:2");
  expect(exposureWarnings([tls, tcp], CERTIFICATES)).toEqual([
    "tcp://0.0.0.0:2: whoever can connect can read and change everything",
  ]);
});

test("a token that travels unencrypted is worth a warning", () => {
  const addresses = ["tls://0.0.0.0:1", "tcp://0.0.0.0:2"].map(parseListenAddress);
  expect(exposureWarnings(addresses, TOKEN)).toEqual([
    "tcp://0.0.0.0:2: token and values travel unencrypted; tls:// would not let them",
  ]);
});
