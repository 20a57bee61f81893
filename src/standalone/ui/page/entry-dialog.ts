import { durationFromMs, durationMs } from "@bufbuild/protobuf/wkt";
import type { CacheApi } from "./api.js";
import type { Countdown } from "./countdown.js";
import { byId } from "./dom.js";
import { formatBytes, formatKey } from "./format.js";
import { attempt, showNotice } from "./messages.js";
import { readMs } from "./units.js";
import { bestFormat, showValue, type ValueFormat } from "./value-text.js";

/** What the dialog of an entry works with. */
export interface EntryDialogOptions {
  readonly api: CacheApi;
  readonly countdown: Countdown;
  readonly signal: AbortSignal;
  /** Called when the entry was changed, or was found to be missing. */
  readonly onChanged: () => void;
  /** Lets the user change the entry. */
  readonly onEdit: (key: string, value: Uint8Array, ttlMs: number | undefined) => void;
}

/** Shows one entry with its value. Looking does not count as a use of the entry. */
export class EntryDialog {
  readonly #options: EntryDialogOptions;
  readonly #dialog = byId("entry", HTMLDialogElement);
  #key = "";
  #value: Uint8Array = new Uint8Array();
  #ttlMs: number | undefined;

  constructor(options: EntryDialogOptions) {
    this.#options = options;
    const { api, signal, onChanged, onEdit } = options;
    const onClick = (id: string, click: () => void): void =>
      byId(id, HTMLButtonElement).addEventListener("click", click, { signal });
    onClick("entry-close", () => this.#dialog.close());
    onClick("entry-edit", () => {
      this.#dialog.close();
      onEdit(this.#key, this.#value, this.#ttlMs);
    });
    onClick("entry-delete", () =>
      this.#change(async () => {
        const { deleted } = await api.cache.delete({ key: this.#key });
        return deleted ? "Deleted" : undefined;
      }),
    );
    byId("touch", HTMLFormElement).addEventListener(
      "submit",
      (event) => {
        event.preventDefault();
        const ttlMs = readMs(
          byId("touch-amount", HTMLInputElement),
          byId("touch-unit", HTMLSelectElement),
        );
        const ttl = ttlMs === undefined ? {} : { ttl: durationFromMs(ttlMs) };
        this.#change(async () => {
          const { touched } = await api.cache.touch({ key: this.#key, ...ttl });
          return touched ? "Touched" : undefined;
        });
      },
      { signal },
    );
    byId("entry-format", HTMLFieldSetElement).addEventListener("change", () => this.#showValue(), {
      signal,
    });
    signal.addEventListener("abort", () => this.#dialog.close());
    this.#onMissing = () => {
      showNotice(`${formatKey(this.#key)} is not in the cache any more`);
      onChanged();
    };
  }

  readonly #onMissing: () => void;

  /** Shows an entry, or says that it is missing. */
  open(key: string): void {
    this.#key = key;
    attempt(async () => {
      const { entry } = await this.#options.api.control.peekEntry({ key });
      if (entry === undefined) {
        this.#onMissing();
        return;
      }
      this.#value = entry.value ?? new Uint8Array();
      byId("entry-key", HTMLElement).textContent = formatKey(key);
      const state = byId("entry-state", HTMLElement);
      const left = document.createElement("strong");
      const sizes = `${formatBytes(Number(entry.size))}, charged ${formatBytes(Number(entry.charge))}, `;
      state.replaceChildren(sizes, "time to live: ", left);
      const { ttl } = entry;
      this.#ttlMs = ttl === undefined ? undefined : durationMs(ttl);
      this.#options.countdown.add(left, this.#ttlMs);
      this.#choose(bestFormat(this.#value));
      this.#showValue();
      this.#dialog.showModal();
    });
  }

  /** Makes a change, closes the dialog and says what was done. */
  #change(action: () => Promise<string | undefined>): void {
    attempt(async () => {
      // Problems are shown in the page, below this dialog.
      const done = await action().finally(() => this.#dialog.close());
      if (done === undefined) {
        this.#onMissing();
        return;
      }
      showNotice(`${done} ${formatKey(this.#key)}`);
      this.#options.onChanged();
    });
  }

  #choose(format: ValueFormat): void {
    for (const choice of this.#choices()) choice.checked = choice.value === format;
  }

  #showValue(): void {
    const chosen = [...this.#choices()].find(({ checked }) => checked);
    const format = (chosen?.value ?? "text") as ValueFormat;
    byId("entry-value", HTMLElement).textContent = showValue(this.#value, format);
  }

  #choices(): NodeListOf<HTMLInputElement> {
    return this.#dialog.querySelectorAll<HTMLInputElement>("input[name=entry-format]");
  }
}
