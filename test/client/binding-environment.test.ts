import { describe, expect, test } from "vitest";
import {
  cacheSocketVariable,
  cacheTokenVariable,
  findBinding,
} from "../../src/client/binding-environment.js";

describe("cacheSocketVariable", () => {
  test.each([
    ["", "GESTALT_CACHE_SOCKET"],
    ["  ", "GESTALT_CACHE_SOCKET"],
    ["session", "GESTALT_CACHE_SOCKET_SESSION"],
    [" rate-limit.v2 ", "GESTALT_CACHE_SOCKET_RATE_LIMIT_V2"],
    ["a--b", "GESTALT_CACHE_SOCKET_A__B"],
    ["straße", "GESTALT_CACHE_SOCKET_STRA_E"],
    ["x😀y", "GESTALT_CACHE_SOCKET_X_Y"],
  ])("the variable of %j is %s", (name, variable) => {
    expect(cacheSocketVariable(name)).toBe(variable);
    expect(cacheTokenVariable(name)).toBe(`${variable}_TOKEN`);
  });
});

describe("findBinding", () => {
  test("reads the binding's own variable and token", () => {
    const environment = {
      GESTALT_CACHE_SOCKET_SESSION: " /run/s.sock ",
      GESTALT_CACHE_SOCKET_SESSION_TOKEN: " secret ",
      GESTALT_HOST_SERVICE_SOCKET: "/run/host.sock",
    };
    expect(findBinding("session", environment)).toEqual({
      target: "/run/s.sock",
      token: "secret",
      binding: "",
      source: "GESTALT_CACHE_SOCKET_SESSION",
    });
  });

  test("reads GESTALT_CACHE_SOCKET for an empty name", () => {
    const found = findBinding("", { GESTALT_CACHE_SOCKET: "tcp://127.0.0.1:9" });
    expect(found).toMatchObject({ target: "tcp://127.0.0.1:9", source: "GESTALT_CACHE_SOCKET" });
  });

  test.each([
    ["GESTALT_HOST_SERVICE_TOKEN", "GESTALT_HOST_SERVICES", " app , cache"],
    ["GESTALT_HOST_SERVICE_SOCKET_TOKEN", "GESTALT_HOST_SERVICES", ""],
  ])("reads the shared socket of newer hosts, with its token in %s", (token, services, listed) => {
    const environment = {
      GESTALT_CACHE_SOCKET_SESSION: "",
      GESTALT_HOST_SERVICE_SOCKET: "/run/host.sock",
      [token]: "secret",
      [services]: listed,
    };
    expect(findBinding(" session ", environment)).toEqual({
      target: "/run/host.sock",
      token: "secret",
      binding: "session",
      source: "GESTALT_HOST_SERVICE_SOCKET",
    });
  });

  test("a blank GESTALT_HOST_SERVICE_TOKEN counts as unset", () => {
    const environment = {
      GESTALT_HOST_SERVICE_SOCKET: "/run/host.sock",
      GESTALT_HOST_SERVICE_TOKEN: " ",
      GESTALT_HOST_SERVICE_SOCKET_TOKEN: " secret ",
    };
    expect(findBinding("session", environment).token).toBe("secret");
  });

  test("does not use a shared socket that serves no caches, and the error says so", () => {
    const environment = {
      GESTALT_HOST_SERVICE_SOCKET: "/run/host.sock",
      GESTALT_HOST_SERVICES: "app,agent",
    };
    expect(() => findBinding("session", environment)).toThrow(
      'GESTALT_CACHE_SOCKET_SESSION is not set, and GESTALT_HOST_SERVICES=app,agent does not list "cache"',
    );
  });

  test("the error for a missing binding names the variables that are set", () => {
    const environment = {
      GESTALT_CACHE_SOCKET_B: "/b",
      GESTALT_CACHE_SOCKET_A: "/a",
      GESTALT_CACHE_SOCKET_A_TOKEN: "t",
      GESTALT_CACHE_SOCKET_UNSET: "",
    };
    expect(() => findBinding("", environment)).toThrow(
      "GESTALT_CACHE_SOCKET is not set; use the binding of a variable that is set: GESTALT_CACHE_SOCKET_A, GESTALT_CACHE_SOCKET_B",
    );
  });

  test.each([
    ["token", "s3cret", "GESTALT_CACHE_SOCKET"],
    ["token", "s3cret://a:1", "GESTALT_CACHE_SOCKET"],
    ["a-token", "s3cret", "GESTALT_CACHE_SOCKET_A"],
  ])("the error for the binding %j does not show the token %j", (name, token, other) => {
    const environment = { [`${other}_TOKEN`]: token };
    const error = (() => {
      try {
        return findBinding(name, environment);
      } catch (thrown) {
        return String(thrown);
      }
    })();
    expect(error).toMatch(
      new RegExp(`${other}_TOKEN does not hold an address; it may be the token of ${other};`),
    );
    expect(error).not.toContain("s3cret");
  });

  test.each(["/run/t.sock", "unix:/run/t.sock", "UNIX:///t", "tcp://a:1", "TLS://a:1"])(
    "a binding called token may have the address %s",
    (address) => {
      const environment = { GESTALT_CACHE_SOCKET_TOKEN: address };
      expect(findBinding("token", environment).target).toBe(address);
    },
  );

  test("the error without any binding says how to get one", () => {
    expect(() => findBinding("session", {})).toThrow(
      /^GESTALT_CACHE_SOCKET_SESSION is not set; run .* gestalt-cache-memory exec --bind session -- COMMAND$/,
    );
  });
});
