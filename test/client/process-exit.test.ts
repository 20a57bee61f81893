import { spawn } from "node:child_process";
import { join } from "node:path";
import { expect, test } from "vitest";
import { tempSocketPath } from "../support/temp-directory.js";
import { startGrpcJsCacheServer } from "./grpc-js-cache-server.js";

const cacheModule = join(import.meta.dirname, "../../dist/client/cache.js");

const program = `
const { Cache } = await import(process.argv[1]);
const cache = new Cache();
await cache.set("key", Uint8Array.of(1));
console.log(await cache.get("key"));
`;

test("an open but idle cache does not keep the process alive", async () => {
  const path = tempSocketPath();
  await startGrpcJsCacheServer(`unix://${path}`);
  const child = spawn(process.execPath, ["--input-type=module", "-e", program, cacheModule], {
    env: { GESTALT_CACHE_SOCKET: path },
    stdio: ["ignore", "pipe", "inherit"],
    timeout: 10_000,
  });
  let output = "";
  child.stdout.on("data", (chunk: Buffer) => (output += chunk.toString()));
  const code = await new Promise((resolve) => child.once("close", resolve));
  expect(output.trim()).toBe("Uint8Array(1) [ 1 ]");
  expect(code).toBe(0);
});
