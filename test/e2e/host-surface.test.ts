import { readFileSync } from "node:fs";
import { dirname, join, relative } from "node:path";
import { expect, test } from "vitest";
import { Control } from "../../src/rpc/gen/gestalt_cache_memory/v1/control_pb.js";
import { until } from "../support/child-process.js";
import { callUnary, startStreamingCall } from "../support/grpc-services.js";
import { connectTo, requestHttp2 } from "../support/http-request.js";
import { startProvider } from "../support/provider-process.js";

const UNIMPLEMENTED = 12;
const CONTROL = "gestalt_cache_memory.v1.Control";
const SRC = join(import.meta.dirname, "../../src");

test("under the host there is no health, reflection or statistics service", async () => {
  const { socketPath } = await startProvider();
  const target = `unix://${socketPath}`;
  const health = "grpc.health.v1.Health";
  const reflection = "grpc.reflection.v1.ServerReflection";
  expect((await callUnary(target, health, "Check", {})).code).toBe(UNIMPLEMENTED);
  const watch = startStreamingCall(target, health, "Watch", {});
  expect((await watch.ended).code).toBe(UNIMPLEMENTED);
  const asked = startStreamingCall(target, reflection, "ServerReflectionInfo");
  asked.send({ list_services: "" });
  asked.finish();
  expect((await asked.ended).code).toBe(UNIMPLEMENTED);
  const answer = await requestHttp2(
    { socketPath },
    { path: "/gestalt_cache_memory.v1.StatisticsService/GetStatistics", method: "POST" },
  );
  expect(answer.status).toBe(404);
});

test("under the host every method of Control is unimplemented", async () => {
  const { socketPath } = await startProvider();
  const target = `unix://${socketPath}`;
  expect(Control.methods.length).toBe(13);
  for (const { name, methodKind } of Control.methods) {
    const end =
      methodKind === "unary"
        ? await callUnary(target, CONTROL, name, {})
        : await startStreamingCall(target, CONTROL, name, {}).ended;
    expect(end, name).toMatchObject({ code: UNIMPLEMENTED });
  }
});

test("under the host there is no page and no HTTP/1.1", async () => {
  const { socketPath } = await startProvider();
  for (const path of ["/", "/metrics"]) {
    expect((await requestHttp2({ socketPath }, { path })).status).toBe(404);
  }
  const socket = connectTo({ socketPath });
  let received = "";
  let isOver = false;
  socket.setEncoding("latin1").on("data", (text: string) => (received += text));
  socket.on("error", () => {}).once("close", () => (isOver = true));
  socket.write("GET /metrics HTTP/1.1\r\nhost: localhost\r\n\r\n");
  await until(() => isOver);
  expect(received).not.toContain("HTTP/1.1 200");
  expect(received).not.toContain("gestalt_cache");
});

/** A module and all that it loads with it. */
function loadedWith(path: string, found = new Set<string>()): Set<string> {
  if (found.has(path)) return found;
  found.add(path);
  const source = readFileSync(path, "utf8");
  const imports = source.matchAll(/^(?:import|export)\s(?!type)[^;]*?from "(\.[^"]+)\.js";$/gms);
  for (const [, specifier = ""] of imports)
    loadedWith(join(dirname(path), `${specifier}.ts`), found);
  return found;
}

test("what only the standalone server needs is not loaded under the host", () => {
  const entries = [
    "cli/main.ts",
    "cli/provider-process.ts",
    "host/serve-cache-provider.ts",
    "provider.ts",
  ];
  const loaded = entries.flatMap((entry) => [...loadedWith(join(SRC, entry))]);
  const files = new Set(loaded.map((path) => relative(SRC, path)));
  expect(files).toContain("server/grpc/unary-grpc-dispatcher.ts");
  expect(files).toContain("memory/lru-store.ts");
  const wrong = /^(standalone|cli\/serve|rpc\/gen\/grpc|rpc\/gen\/gestalt_cache_memory)\//;
  expect([...files].filter((file) => wrong.test(file))).toEqual([]);
});
