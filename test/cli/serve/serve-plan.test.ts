import { join } from "node:path";
import { expect, test } from "vitest";
import { clientTargetFrom, planServe } from "../../../src/cli/serve/serve-plan.js";

const DEFAULT = "/run/private/cache.sock";
const unix = (path: string): object => ({ kind: "unix", path });
const tcp = (port: number): object => ({ kind: "tcp", host: "127.0.0.1", port });

/** Flags and their plans. */
test.each([
  [{}, { bindings: [{ name: "" }], shared: [unix(DEFAULT)] }],
  [
    { listen: ["tcp://127.0.0.1:7", "/a.sock"] },
    { bindings: [{ name: "" }], shared: [tcp(7), unix("/a.sock")] },
  ],
  [{ bind: ["session"] }, { bindings: [{ name: "session" }], shared: [unix(DEFAULT)] }],
  [
    { bind: ["session=/a.sock"] },
    { bindings: [{ name: "session", address: unix("/a.sock") }], shared: [] },
  ],
  [
    { bind: ["session=/a.sock"], listen: ["/b.sock"] },
    { bindings: [{ name: "session", address: unix("/a.sock") }], shared: [unix("/b.sock")] },
  ],
  [
    { bind: ["session", "rate-limit=tcp://127.0.0.1:7"] },
    {
      bindings: [
        { name: "session", address: unix("/run/private/binding-session.sock") },
        { name: "rate-limit", address: tcp(7) },
      ],
      shared: [unix(DEFAULT)],
    },
  ],
  [
    { bind: [" Rate.Limit ", "x"], listen: ["tcp://127.0.0.1:0", "tcp://127.0.0.1:0"] },
    {
      bindings: [
        { name: "Rate.Limit", address: unix("/run/private/binding-rate_limit.sock") },
        { name: "x", address: unix("/run/private/binding-x.sock") },
      ],
      shared: [tcp(0), tcp(0)],
    },
  ],
])("planServe plans the addresses of the flags %j", (flags, plan) => {
  expect(planServe(flags, () => DEFAULT)).toEqual(plan);
});

test("planServe resolves a relative socket path", () => {
  const { shared } = planServe({ listen: ["unix:x.sock"] }, () => DEFAULT);
  expect(shared).toEqual([unix(join(process.cwd(), "x.sock"))]);
});

test.each([
  [{ listen: ["http://localhost:1"] }, '--listen: unsupported scheme "http"'],
  [{ bind: [""] }, "--bind: a binding's name must not be empty"],
  [{ bind: ["=unix:///a"] }, "--bind: a binding's name must not be empty"],
  [{ bind: ["a="] }, "--bind: address is empty"],
  [{ bind: ["a=ftp://x"] }, '--bind: unsupported scheme "ftp"'],
  [{ bind: ["a-b", "a.b"] }, "have the same variable, GESTALT_CACHE_SOCKET_A_B"],
  [{ bind: ["token"] }, "GESTALT_CACHE_SOCKET_TOKEN, which is the token of GESTALT_CACHE_SOCKET;"],
  [{ bind: ["a=/a.sock", "a-token=/b.sock"] }, "which is the token of GESTALT_CACHE_SOCKET_A;"],
  [{ listen: ["/a", "unix:///a"] }, "unix:///a is given twice"],
  [
    { listen: ["tcp://localhost:7"], bind: ["a=tls://LOCALHOST:7"] },
    "tls://localhost:7 is given twice",
  ],
])("planServe fails for %j", (flags, message) => {
  expect(() => planServe(flags, () => DEFAULT)).toThrow(message);
});

test.each([
  [{ kind: "unix", path: "/a b" }, "/a b"],
  [{ kind: "tcp", host: "::1", port: 7 }, "tcp://[::1]:7"],
  [{ kind: "tcp", host: "0.0.0.0", port: 7 }, "tcp://127.0.0.1:7"],
  [{ kind: "tls", host: "::", port: 7 }, "tls://[::1]:7"],
  [{ kind: "tls", host: "cache.example", port: 7 }, "tls://cache.example:7"],
] as const)("clients reach %j at %s", (address, target) => {
  expect(clientTargetFrom(address)).toBe(target);
});
