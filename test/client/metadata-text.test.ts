import { describe, expect, test } from "vitest";
import { Cache } from "../../src/client/cache.js";
import { quoteKey } from "../../src/contract/cache-error.js";
import type { Environment } from "../../src/client/binding-environment.js";

const shared = { GESTALT_HOST_SERVICE_SOCKET: "/run/host.sock" };

const UNSENDABLE = [
  "🎉",
  "キャッシュ",
  "straße",
  "a\u00a0b",
  "a\nb",
  "a\r\nb",
  "a\tb",
  "a\0b",
  "a\u001bb",
  "a\u007fb",
  "a\ud800b",
];

describe.each(UNSENDABLE)("binding name %j", (name) => {
  const message = `binding name ${quoteKey(name)} is sent as a header and must contain only printable ASCII characters`;

  test("fails at construction where it must be sent as a header", () => {
    expect(() => new Cache(name, { environment: shared })).toThrow(message);
    expect(() => new Cache(name, { target: "/run/c.sock", environment: {} })).toThrow(message);
  });

  test("works where the binding has its own variable", async () => {
    const variable = `GESTALT_CACHE_SOCKET_${Array.from(name, (character) => {
      const upper = character.toUpperCase();
      return /^[A-Z0-9]$/.test(upper) ? upper : "_";
    }).join("")}`;
    const cache = new Cache(name, { environment: { [variable]: "/run/c.sock" } });
    await cache.close();
  });
});

test.each(["session", " rate limit ", "a.b-c_d/e~!", "A".repeat(4_096), "", "   "])(
  "binding name %j works",
  async (name) => {
    await new Cache(name, { environment: shared }).close();
  },
);

test("a binding name of more than 4,096 characters fails", () => {
  expect(() => new Cache("a".repeat(4_097), { environment: shared })).toThrow(
    /^binding name "a{48}"… \(4097 characters\) has 4097 characters, above the limit of 4096$/,
  );
});

test.each([
  [5, "a number"],
  [{ target: "/run/c.sock" }, "an Object"],
  [["session"], "an Array"],
  [true, "a boolean"],
])("a binding name of the wrong type fails: %o", (name, got) => {
  expect(() => new Cache(name as never)).toThrow(
    `name must be a string (got ${got}); options are the second argument`,
  );
});

describe.each([...UNSENDABLE, "a".repeat(4_097)])("token %j", (token) => {
  const cases: [source: string, options: { token?: string; environment: Environment }][] = [
    ["the token option", { token, environment: { GESTALT_CACHE_SOCKET: "/run/c.sock" } }],
    [
      "GESTALT_CACHE_SOCKET_TOKEN",
      { environment: { GESTALT_CACHE_SOCKET: "/run/c.sock", GESTALT_CACHE_SOCKET_TOKEN: token } },
    ],
    [
      "GESTALT_HOST_SERVICE_TOKEN",
      { environment: { ...shared, GESTALT_HOST_SERVICE_TOKEN: token } },
    ],
  ];
  test.each(cases)(
    "from %s fails at construction, with an error that does not show it",
    (source, options) => {
      let message = "";
      try {
        new Cache("", options);
      } catch (error) {
        message = (error as Error).message;
      }
      expect(message).toContain(`the token, read from ${source}, `);
      expect(message).not.toContain(token);
    },
  );
});

test("a token that is not a string fails", () => {
  const options = { target: "/run/c.sock", token: 5 as unknown as string };
  expect(() => new Cache("", options)).toThrow(
    "the token, read from the token option, must be a string (got a number)",
  );
});
