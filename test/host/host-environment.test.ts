import { expect, test } from "vitest";
import { hostEnvironmentFrom } from "../../src/host/host-environment.js";

test("an environment without a socket returns undefined", () => {
  expect(hostEnvironmentFrom({})).toBeUndefined();
  expect(hostEnvironmentFrom({ GESTALT_PLUGIN_SOCKET: "" })).toBeUndefined();
  expect(hostEnvironmentFrom({ GESTALT_PLUGIN_PARENT_PID: "1" })).toBeUndefined();
});

test("the older names are read", () => {
  expect(
    hostEnvironmentFrom({
      GESTALT_PLUGIN_SOCKET: "/run/a.sock",
      GESTALT_PLUGIN_PARENT_PID: "41",
      GESTALT_PLUGIN_NAME: "session",
    }),
  ).toEqual({ socketPath: "/run/a.sock", hostPid: 41, name: "session" });
});

test("each newer name wins, and an empty variable counts as unset", () => {
  expect(
    hostEnvironmentFrom({
      GESTALT_PROVIDER_SOCKET: "/run/new.sock",
      GESTALT_PLUGIN_SOCKET: "/run/old.sock",
      GESTALT_APP_PARENT_PID: "",
      GESTALT_PLUGIN_PARENT_PID: "41",
      GESTALT_APP_NAME: "new",
      GESTALT_PLUGIN_NAME: "old",
    }),
  ).toEqual({ socketPath: "/run/new.sock", hostPid: 41, name: "new" });
});

test("only the socket is required", () => {
  expect(hostEnvironmentFrom({ GESTALT_PROVIDER_SOCKET: "a.sock" })).toEqual({
    socketPath: "a.sock",
  });
});

test.each(["0", "-1", "1.5", "pid", " 1", "1e3", "4294967297"])(
  "%j is not a valid process id",
  (pid) => {
    expect(() =>
      hostEnvironmentFrom({ GESTALT_PLUGIN_SOCKET: "a.sock", GESTALT_APP_PARENT_PID: pid }),
    ).toThrow(`GESTALT_APP_PARENT_PID must be a process id (got "${pid}")`);
  },
);
