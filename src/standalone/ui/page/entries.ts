import { durationMs } from "@bufbuild/protobuf/wkt";
import type { Entry } from "../../../rpc/gen/gestalt_cache_memory/v1/control_pb.js";
import type { CacheApi } from "./api.js";
import type { Countdown } from "./countdown.js";
import { bodyOf, buttonOf, byId, rowOf } from "./dom.js";
import { formatBytes, formatCount, formatKey } from "./format.js";
import type { Figures } from "./history.js";
import { attempt, showNotice } from "./messages.js";

/** The entries of a page. */
const PAGE_SIZE = 100;

/** The least time between two looks at a cache that changes all the time, in milliseconds. */
const REFRESH_MS = 2_000;

/** The pause in typing after which the prefix is searched, in milliseconds. */
const TYPING_MS = 150;

/** What the table of entries works with. */
export interface EntryTableOptions {
  readonly api: CacheApi;
  readonly countdown: Countdown;
  readonly signal: AbortSignal;
  /** Shows one entry. */
  readonly onOpen: (key: string) => void;
}

/**
 * The table of entries: one page at a time, as the service lists them. It follows the cache,
 * but holds still while the pointer or the keyboard is in it.
 */
export class EntryTable {
  readonly #options: EntryTableOptions;
  readonly #body = bodyOf("entry-table");
  readonly #region = byId("entry-table", HTMLTableElement).parentElement ?? document.body;
  readonly #previous = byId("previous-page", HTMLButtonElement);
  readonly #next = byId("next-page", HTMLButtonElement);
  readonly #state = byId("page-state", HTMLElement);
  readonly #prefix = byId("prefix", HTMLInputElement);
  readonly #order = byId("order", HTMLSelectElement);
  /** The tokens of this page and those before it; the first page has an empty one. */
  #tokens = [""];
  #nextToken = "";
  /** Numbers the requests: only the reply to the last one is shown. */
  #asked = 0;
  #loadedMs = 0;
  #seen = "";
  /** What the last page had. */
  #found = "";
  #entryCount = 0n;

  constructor(options: EntryTableOptions) {
    this.#options = options;
    const { signal, api } = options;
    const on = (element: HTMLElement, event: string, listener: (event: Event) => void): void =>
      element.addEventListener(event, listener, { signal });
    on(byId("entry-search", HTMLFormElement), "submit", (event) => {
      event.preventDefault();
      this.#search();
    });
    let typing: ReturnType<typeof setTimeout> | undefined;
    on(this.#prefix, "input", () => {
      clearTimeout(typing);
      typing = setTimeout(() => this.#search(), TYPING_MS);
    });
    on(this.#order, "change", () => this.#search());
    on(this.#previous, "click", () => {
      this.#tokens.pop();
      this.reload();
    });
    on(this.#next, "click", () => {
      this.#tokens.push(this.#nextToken);
      this.reload();
    });
    this.#delete = (key) =>
      attempt(async () => {
        const { deleted } = await api.cache.delete({ key });
        showNotice(deleted ? `Deleted ${formatKey(key)}` : `${formatKey(key)} was not there`);
        this.reload();
        this.#region.focus();
      });
    this.reload();
  }

  readonly #delete: (key: string) => void;

  /** Reads the page again. */
  reload(): void {
    attempt(() => this.#load());
  }

  /** Reads the page again if the figures say that the cache has changed, at times. */
  follow(figures: Figures): void {
    const { entries, hits, sets, deletes, touches, expired, evicted } = figures;
    const seen = [entries, hits, sets, deletes, touches, expired, evicted].join();
    this.#entryCount = entries;
    this.#showState();
    if (seen === this.#seen || performance.now() - this.#loadedMs < REFRESH_MS) return;
    if (this.#region.matches(":hover") || this.#region.contains(document.activeElement)) return;
    this.#seen = seen;
    this.reload();
  }

  #search(): void {
    this.#tokens = [""];
    this.reload();
  }

  async #load(): Promise<void> {
    const asked = ++this.#asked;
    const prefix = this.#prefix.value;
    const { entries, nextPageToken } = await this.#options.api.control.listEntries(
      {
        prefix,
        pageSize: PAGE_SIZE,
        pageToken: this.#tokens.at(-1) ?? "",
        newestFirst: this.#order.value === "newest",
      },
      { signal: this.#options.signal },
    );
    if (asked !== this.#asked) return;
    this.#loadedMs = performance.now();
    this.#nextToken = nextPageToken;
    this.#body.replaceChildren(...entries.map((entry) => this.#rowOf(entry)));
    this.#previous.disabled = this.#tokens.length === 1;
    this.#next.disabled = nextPageToken === "";
    const count = entries.length;
    const found = count === 1 ? "1 entry" : `${formatCount(count)} entries`;
    const which = prefix === "" ? "" : " with this prefix";
    this.#found = `Page ${formatCount(this.#tokens.length)}: ${found}${which}`;
    this.#showState();
  }

  #showState(): void {
    if (this.#found === "") return;
    this.#state.textContent = `${this.#found}, ${formatCount(this.#entryCount)} in the cache`;
  }

  #rowOf({ key, size, charge, ttl }: Entry): HTMLTableRowElement {
    const shown = formatKey(key);
    const open = buttonOf(shown, `Show ${shown}`, () => this.#options.onOpen(key));
    open.className = "key";
    const row = rowOf(
      open,
      { number: formatBytes(Number(size)) },
      { number: formatBytes(Number(charge)) },
      { number: "" },
      buttonOf("Delete", `Delete ${shown}`, () => this.#delete(key)),
    );
    const cell = row.cells.item(3);
    if (cell !== null) {
      this.#options.countdown.add(cell, ttl === undefined ? undefined : durationMs(ttl));
    }
    return row;
  }
}
