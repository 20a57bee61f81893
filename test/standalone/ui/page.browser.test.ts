/** The page in a real browser: every control is used, and the caches are the witness. */
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import type { Browser, BrowserContext, Locator, Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from "vitest";
import { Cache } from "../../../src/client/index.js";
import {
  startEphemeralCache,
  type EphemeralCache,
  type EphemeralCacheOptions,
} from "../../../src/standalone/ephemeral-cache.js";
import { chromiumPath, launchChromium } from "../../support/browser.js";

test.skipIf(chromiumPath !== undefined)(
  "the page is tested on a machine with Chromium",
  ({ skip }) => {
    skip("install chromium, or set GESTALT_CACHE_MEMORY_CHROMIUM to its path");
  },
);

/** Notes each control that is used, before the page can stop the event. */
const NOTE_USE = `
  globalThis.usedControls = new Set();
  for (const type of ["click", "input", "change"]) {
    addEventListener(type, ({ target }) => {
      const control = target.closest?.("button, input, select, textarea");
      if (control) usedControls.add(control.id || control.value);
    }, true);
  }`;

/** The controls of the document that have not been used. */
const UNUSED = `
  [...document.querySelectorAll("button, input, select, textarea")]
    .map((control) => control.id || control.value)
    .filter((name) => name !== "" && !usedControls.has(name))`;

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);

describe.skipIf(chromiumPath === undefined)("the page", { timeout: 120_000 }, () => {
  let browser: Browser;

  beforeAll(async () => (browser = await launchChromium()), 60_000);
  afterAll(() => browser.close());

  interface Opened {
    readonly page: Page;
    readonly caches: EphemeralCache;
    readonly links: readonly string[];
    /** Errors of the console and of scripts, and policy violations. */
    readonly errors: readonly string[];
    /** Where requests went, but for this page's own server. */
    readonly foreignRequests: readonly string[];
  }

  async function newContext(): Promise<BrowserContext> {
    const context = await browser.newContext();
    onTestFinished(() => context.close());
    return context;
  }

  async function openPage(options: EphemeralCacheOptions = {}): Promise<Opened> {
    const links: string[] = [];
    const caches = await startEphemeralCache({ ...options, onPageLink: (url) => links.push(url) });
    onTestFinished(() => caches.close());
    const page = await (await newContext()).newPage();
    const errors: string[] = [];
    page.on("console", (message) => {
      if (message.type() === "error" || message.type() === "warning") errors.push(message.text());
    });
    page.on("pageerror", ({ message }) => errors.push(message));
    const foreignRequests: string[] = [];
    const link = links[0] ?? "";
    page.on("request", (request) => {
      const url = new URL(request.url());
      if (url.origin !== new URL(link).origin && url.protocol !== "data:") {
        foreignRequests.push(request.url());
      }
    });
    await page.addInitScript(NOTE_USE);
    await page.goto(link);
    return { page, caches, links, errors, foreignRequests };
  }

  const rows = (page: Page, table: string): Locator => page.locator(`#${table} tbody tr`);
  const press = (page: Page, name: string): Promise<void> =>
    page.getByRole("button", { name, exact: true }).click();
  const notice = async (page: Page, text: string): Promise<void> => {
    await page.locator("#notice", { hasText: text }).waitFor();
  };
  /** Waits for what the table of entries says of its page. */
  const listed = async (page: Page, text: string): Promise<void> => {
    await page.locator("#page-state", { hasText: text }).waitFor();
  };

  const SEED = [
    ...Array.from({ length: 250 }, (_, index) => ({
      key: `user:${String(index).padStart(3, "0")}`,
      value: JSON.stringify({ id: index }),
    })),
    { key: "binary", value: Uint8Array.of(0, 255), ttlMs: 600_000 },
  ];

  test("every control has its effect, without an error or a request to another server", async () => {
    const { page, caches, errors, foreignRequests } = await openPage({
      bindings: ["session", "rate limit"],
      clock: "manual",
      seed: SEED,
    });
    const session = caches.binding("session");
    const keys = (): string[] => session.entries().map(({ key }) => key);

    // The token leaves the address, and the history with it.
    await page.locator("#connection", { hasText: "Live" }).waitFor();
    expect(new URL(page.url()).hash).toBe("");

    // Entries: pages, order, search.
    await listed(page, "Page 1: 100 entries, 251 in the cache");
    await press(page, "Next page");
    await press(page, "Next page");
    await listed(page, "Page 3: 51 entries");
    expect(await rows(page, "entry-table").count()).toBe(51);
    await press(page, "Previous page");
    await listed(page, "Page 2: 100 entries");
    await page.locator("#order").selectOption("newest");
    await listed(page, "Page 1");
    await rows(page, "entry-table").first().getByText("binary").waitFor();
    expect(await rows(page, "entry-table").first().innerText()).toContain("10m 00s");
    await page.locator("#prefix").fill("user:01");
    await press(page, "Search");
    await listed(page, "Page 1: 10 entries with this prefix");

    // One entry: formats, edit, touch, delete.
    await press(page, "Show user:011");
    const dialog = page.locator("#entry");
    const value = page.locator("#entry-value");
    // The page shows the dialog when the entry has arrived.
    await dialog.waitFor();
    expect(await value.innerText()).toBe('{\n  "id": 11\n}');
    await dialog.getByLabel("hex").check();
    expect(await value.innerText()).toMatch(/^00000000 {2}7b 22/);
    await dialog.getByLabel("text").check();
    expect(await value.innerText()).toBe('{"id":11}');
    await dialog.getByLabel("JSON").check();
    await press(page, "Edit");
    await page.locator("#editor-value").fill("changed");
    await page.locator("#editor-format").selectOption("text");
    await page.locator("#editor-amount").fill("2");
    await page.locator("#editor-unit").selectOption("h");
    await press(page, "Set");
    await notice(page, "Set user:011");
    const [changed] = session.entries("user:011");
    expect([changed?.value, changed?.ttlMs]).toEqual([bytes("changed"), 7_200_000]);

    await press(page, "New entry");
    await page.locator("#editor-key").fill("new");
    await page.locator("#editor-value").fill("0g");
    await page.locator("#editor-format").selectOption("hex");
    await press(page, "Set");
    await page.locator("#editor-problem", { hasText: "hex is pairs" }).waitFor();
    await press(page, "Cancel");
    expect(keys()).not.toContain("new");

    await press(page, "Show user:012");
    await page.locator("#touch-amount").fill("30");
    await page.locator("#touch-unit").selectOption("s");
    await press(page, "Touch");
    await notice(page, "Touched user:012");
    expect(session.entries("user:012")[0]?.ttlMs).toBe(30_000);
    await press(page, "Show user:013");
    await page.locator("#entry-delete").click();
    await notice(page, "Deleted user:013");
    await press(page, "Delete user:014");
    await notice(page, "Deleted user:014");
    expect(keys()).not.toContain("user:013");
    expect(keys()).not.toContain("user:014");
    await press(page, "Show user:015");
    await press(page, "Close");

    // Calls: those of the page and of others.
    const calls = rows(page, "call-table");
    await calls.filter({ hasText: "Delete" }).first().waitFor();
    await using cache = new Cache("session", {
      target: caches.env["GESTALT_CACHE_SOCKET_SESSION"] ?? "",
    });
    await cache.get("user:000");
    await calls.first().getByText("user:000").waitFor();
    await press(page, "Pause");
    await page.locator("#calls-state", { hasText: "Paused" }).waitFor();
    await cache.get("user:001");
    await press(page, "Pause");
    // What happened meanwhile is in the record.
    await calls.first().getByText("user:001").waitFor();
    await page.locator("#ratio-now", { hasText: "100.0 %" }).waitFor();

    // Time.
    await page.locator("#clock-state", { hasText: "Frozen" }).waitFor();
    await page.locator("#advance-amount").fill("31");
    await page.locator("#advance-unit").selectOption("s");
    await press(page, "Advance");
    await notice(page, "The clock is advanced by 31s; 1 entry expired");
    expect(keys()).not.toContain("user:012");
    await press(page, "Resume");
    await notice(page, "The clock is running");
    expect(session.clock.isFrozen).toBe(false);
    await press(page, "Freeze");
    await notice(page, "The clock is frozen");
    expect(session.clock.isFrozen).toBe(true);

    // Faults.
    for (const method of ["Get", "GetMany", "Set", "SetMany", "Delete", "DeleteMany", "Touch"]) {
      const box = page.locator("#fault-methods").getByLabel(method, { exact: true });
      await box.check();
      if (method !== "Set") await box.uncheck();
    }
    await page.locator("#fault-prefix").fill("broken");
    await page.locator("#fault-status").selectOption("internal");
    await page.locator("#fault-status").selectOption("unavailable");
    await page.locator("#fault-times").fill("1");
    await page.locator("#fault-skip").fill("0");
    await page.locator("#fault-percent").fill("100");
    await press(page, "Add rule");
    await notice(page, "Rule 1 is added");
    expect(session.faults.list()).toMatchObject([{ applied: 0 }]);
    await press(page, "New entry");
    await page.locator("#editor-key").fill("broken");
    await press(page, "Set");
    await page.locator("#editor-problem", { hasText: "unavailable" }).waitFor();
    await press(page, "Set");
    await notice(page, "Set broken");
    await page.locator("#fault-effect").selectOption("delay");
    await page.locator("#fault-delay").fill("1");
    await press(page, "Add rule");
    await notice(page, "Rule 2 is added");
    await press(page, "Remove rule 1");
    await notice(page, "Rule 1 is removed");
    expect(session.faults.list().map(({ id }) => id)).toEqual([2]);
    await page.locator("#fault-effect").selectOption("miss");
    await press(page, "Add rule");
    // A rule that no call can match: Set has nothing to miss.
    await page.locator("#problem-text", { hasText: "invalid_argument" }).waitFor();
    await press(page, "Close message");
    expect(await page.locator("#problem").isVisible()).toBe(false);
    await press(page, "Remove all rules");
    await notice(page, "1 rule is removed");
    expect(session.faults.list()).toEqual([]);

    // Reset, and the other binding, which has seen nothing of all that.
    await press(page, "Reset cache");
    await page.locator("#reset-cancel").click();
    expect(keys().length).toBeGreaterThan(200);
    await press(page, "Reset cache");
    await page.locator("#reset-confirm").click();
    await notice(page, "The cache is reset");
    expect(keys()).toEqual([]);
    await page.locator("#binding").selectOption("rate limit");
    await page.locator("#prefix").fill("");
    await listed(page, "Page 1: 100 entries, 251 in the cache");

    expect(await page.evaluate(UNUSED)).toEqual([]);
    expect(foreignRequests).toEqual([]);
    // The browser itself reports a status above 399: that of the fault, and of the wrong rule.
    const statuses = errors.filter((text) => text.startsWith("Failed to load resource"));
    expect(statuses.map((text) => /status of (\d+)/.exec(text)?.[1])).toEqual(["503", "400"]);
    expect(errors.filter((text) => !statuses.includes(text))).toEqual([]);
  });

  test("times to live count down while the clock runs, and the page follows the cache", async () => {
    const seed = [{ key: "short", value: "1", ttlMs: 600_000 }];
    const { page, caches } = await openPage({ seed });
    const row = rows(page, "entry-table").filter({ hasText: "short" });
    await row.waitFor();
    const shown = /9m \d\ds/.exec(await row.innerText())?.[0] ?? "";
    expect(shown).not.toBe("");
    await row.filter({ hasNotText: shown }).filter({ hasText: "9m " }).waitFor();
    await caches.clock.advance(600_000);
    await listed(page, "0 entries");
  });

  test("the session lasts for the tab, and the link works once", async () => {
    const { page, links } = await openPage({ seed: SEED });
    await listed(page, "Page 1");
    await page.reload();
    await listed(page, "Page 1");
    for (const link of [links[0], new URL(links[0] ?? "").origin]) {
      const other = await (await newContext()).newPage();
      await other.goto(link ?? "");
      await other.locator("#problem-text", { hasText: "open the link that" }).waitFor();
      expect(await other.locator("#panels").isVisible()).toBe(false);
    }
    // The next link opens another session.
    const other = await (await newContext()).newPage();
    await other.goto(links[1] ?? "");
    await listed(other, "Page 1");
  });

  test("a wrong token opens no session", async () => {
    const { links } = await openPage();
    const page = await (await newContext()).newPage();
    await page.goto(`${new URL(links[0] ?? "").origin}/#token=wrong`);
    await page.locator("#problem-text", { hasText: "open the link that" }).waitFor();
    expect(await page.locator("#panels").isVisible()).toBe(false);
  });

  test("a page of another origin reads nothing and changes nothing", async () => {
    const { page, caches, links } = await openPage({ seed: SEED });
    await listed(page, "Page 1");
    const session = await page.evaluate(`sessionStorage.getItem("gestalt-cache-memory.session")`);
    const server = createServer((_request, response) => response.end("<title>foreign</title>"));
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    onTestFinished(() => void server.close());
    const foreign = await (await newContext()).newPage();
    await foreign.goto(`http://127.0.0.1:${(server.address() as AddressInfo).port}/`);
    const origin = new URL(links[0] ?? "").origin;
    const attempts = [
      ["/gestalt_cache_memory.v1.Control/Reset", { mode: "no-cors", body: "{}" }],
      ["/gestalt_cache_memory.v1.Control/Reset", { mode: "cors", body: "{}" }],
      ["/session", { mode: "cors", body: new URL(links[1] ?? "").hash.slice("#token=".length) }],
      ["/session", { mode: "no-cors", body: new URL(links[1] ?? "").hash.slice("#token=".length) }],
    ] as const;
    for (const [path, init] of attempts) {
      const script = `fetch(${JSON.stringify(origin + path)}, {
        method: "POST",
        ...${JSON.stringify(init)},
        ...(${init.mode === "cors"} ? { headers: { authorization: "Bearer ${String(session)}" } } : {}),
      }).then((response) => response.type, () => "failed")`;
      expect(await foreign.evaluate(script)).toMatch(/^(failed|opaque)$/);
    }
    const framed = `new Promise((resolve) => {
      const frame = document.createElement("iframe");
      frame.src = ${JSON.stringify(origin)};
      frame.onload = () => resolve(frame.contentDocument === null);
      document.body.append(frame);
    })`;
    expect(await foreign.evaluate(framed)).toBe(true);
    expect(caches.entries()).toHaveLength(SEED.length);
    // Nobody has used the link.
    expect(links).toHaveLength(2);
  });

  test("the page has the light or the dark colors of the system", async () => {
    const { page } = await openPage();
    const background = (): Promise<string> =>
      page.evaluate("getComputedStyle(document.documentElement).backgroundColor");
    await page.emulateMedia({ colorScheme: "light" });
    const light = await background();
    await page.emulateMedia({ colorScheme: "dark" });
    expect(await background()).not.toBe(light);
  });

  test("the keyboard alone opens an entry and returns to it", async () => {
    const { page } = await openPage({ seed: [{ key: "only", value: "1" }] });
    await listed(page, "1 entry");
    await page.getByRole("button", { name: "Show only" }).focus();
    await page.keyboard.press("Enter");
    await page.locator("#entry").waitFor();
    await page.keyboard.press("Escape");
    await page.locator("#entry").waitFor({ state: "hidden" });
    const focused = "document.activeElement.getAttribute('aria-label')";
    expect(await page.evaluate(focused)).toBe("Show only");
  });

  test("every control and every table has a name for a screen reader", async () => {
    const { page } = await openPage({ seed: SEED });
    await listed(page, "Page 1");
    const snapshot = await page.locator("body").ariaSnapshot();
    expect(snapshot).toContain('- region "Entries"');
    expect(snapshot).not.toMatch(
      /- (button|textbox|combobox|spinbutton|checkbox|radio|searchbox)(:|$)/m,
    );
  });
});
