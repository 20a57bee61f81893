/**
 * Draws docs/images/page.png: the page of `serve --ui` beside a cache under load, in the system's
 * Chromium. `npm run generate -- page` runs it; it takes a minute. The load is random, so each
 * picture differs.
 */
import { mkdirSync } from "node:fs";
import { dirname, join } from "node:path";
import { chromium } from "playwright-core";
import { Cache } from "../dist/client/index.js";
import { startEphemeralCache } from "../dist/testing.js";

const PICTURE = join(import.meta.dirname, "../docs/images/page.png");
const SIZE = { width: 1080, height: 780 };

/** The seconds of load that the picture shows. */
const SECONDS = 60;

const links = [];
const caches = await startEphemeralCache({
  bindings: ["session", "rate-limit"],
  config: { maxBytes: "512KiB" },
  onPageLink: (url) => links.push(url),
});
const browser = await chromium.launch({
  executablePath: process.env.GESTALT_CACHE_MEMORY_CHROMIUM ?? "/usr/bin/chromium",
  // Without coloured edges of letters the file is smaller.
  args: ["--disable-lcd-text", ...(process.getuid?.() === 0 ? ["--no-sandbox"] : [])],
});
try {
  const page = await browser.newPage({ viewport: SIZE, colorScheme: "light" });
  await page.goto(links[0]);
  caches
    .binding("session")
    .faults.add({ methods: ["get"], fail: "unavailable", probability: 0.02 });
  const cache = new Cache("session", { target: caches.env.GESTALT_CACHE_SOCKET_SESSION });
  const load = { isOn: true };
  const loading = putLoadOn(cache, load);
  await page.waitForTimeout(SECONDS * 1_000);
  await page.locator("#order").selectOption("newest");
  await page.locator("#prefix").fill("session:");
  await page.waitForTimeout(1_000);
  await page.evaluate("document.activeElement.blur()");
  mkdirSync(dirname(PICTURE), { recursive: true });
  await page.screenshot({ path: PICTURE });
  load.isOn = false;
  await loading;
  await cache.close();
} finally {
  await browser.close();
  await caches.close();
}

/** Reads and writes random keys; the rate changes over time. */
async function putLoadOn(cache, load) {
  const begunMs = performance.now();
  while (load.isOn) {
    const seconds = (performance.now() - begunMs) / 1000;
    const key = `session:${String(Math.floor(Math.random() ** 2 * 1_600)).padStart(4, "0")}`;
    const found = await cache.get(key).catch(() => undefined);
    if (found === undefined) {
      const value = JSON.stringify({ user: key.slice(8), roles: ["reader", "editor"] });
      await cache.set(key, new TextEncoder().encode(value), {
        ttlMs: 20_000 + Math.random() * 600_000,
      });
    } else if (Math.random() < 0.1) {
      await cache.touch(key, 900_000);
    }
    const pauseMs = 3 + 2 * Math.sin(seconds / 6);
    await new Promise((resolve) => setTimeout(resolve, pauseMs));
  }
}
