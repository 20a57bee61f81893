/**
 * Draws docs/stats-watch.svg: what `stats --watch` shows of a cache under load. The program
 * serves a cache, puts load on it, and records the real command in a terminal.
 * `npm run generate -- picture` runs it; it takes half a minute and needs `script` of
 * util-linux. The load is random, so each picture differs.
 */
import { execFile, spawn } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { Cache } from "../dist/client/index.js";

const COMMAND = join(import.meta.dirname, "../dist/cli/main.js");
const PICTURE = join(import.meta.dirname, "../docs/stats-watch.svg");
const COLUMNS = 76;
const READINGS = 43;

const directory = mkdtempSync(join(tmpdir(), "stats-watch-"));
const socket = join(directory, "cache.sock");
const serving = ["serve", "--listen", socket, "--max-bytes", "2MiB", "--log-level", "error"];
const server = spawn(COMMAND, serving, { stdio: ["ignore", "pipe", "inherit"] });
try {
  await new Promise((resolve) => server.stdout.once("data", resolve));
  const cache = new Cache("", { target: socket });
  const load = { isOn: true };
  const loading = putLoadOn(cache, load);
  const lines = await recordWatch();
  load.isOn = false;
  await loading;
  await cache.close();
  writeFileSync(PICTURE, svg(lines));
} finally {
  server.kill();
  rmSync(directory, { recursive: true });
}

/** Reads and writes random keys; the number of keys and the rate change over time. */
async function putLoadOn(cache, load) {
  const begunMs = performance.now();
  while (load.isOn) {
    const seconds = (performance.now() - begunMs) / 1_000;
    const keyCount = 4_000 + 3_000 * Math.sin(seconds / 3);
    const calls = Array.from({ length: 140 + 100 * Math.sin(seconds) }, async () => {
      const key = `user:${Math.floor(keyCount * Math.random() ** 2)}`;
      if ((await cache.get(key)) === undefined) await cache.set(key, new Uint8Array(400));
    });
    await Promise.all(calls);
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}

/** The last view that the command draws on a terminal. */
async function recordWatch() {
  const watch = `${COMMAND} stats --watch --interval 500ms --count ${READINGS} --target ${socket}`;
  const recording = `stty cols ${COLUMNS}; ${watch}`;
  const { stdout } = await promisify(execFile)("script", ["-qec", recording, "/dev/null"]);
  const [view = ""] = stdout.split(/\u001B\[\d+A/).slice(-1);
  const title = "$ gestalt-cache-memory stats --watch";
  const lines = view
    .replaceAll(/\u001B\[\d*K|\r/g, "")
    .trimEnd()
    .split("\n");
  return [title, ...lines.slice(1)];
}

function svg(lines) {
  const [lineHeight, width, height] = [20, COLUMNS * 8.4 + 32, lines.length * 20 + 32];
  const texts = lines.map((line, index) => {
    const escaped = line.replaceAll("&", "&amp;").replaceAll("<", "&lt;");
    return `  <text x="16" y="${32 + index * lineHeight}" xml:space="preserve">${escaped}</text>`;
  });
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" role="img">
  <title>gestalt-cache-memory stats --watch: hit ratio, operations, memory, evictions, entries</title>
  <rect width="100%" height="100%" rx="8" fill="#0d1117"/>
  <g font-family="ui-monospace, Menlo, Consolas, monospace" font-size="14" fill="#c9d1d9">
${texts.join("\n")}
  </g>
</svg>
`;
}
