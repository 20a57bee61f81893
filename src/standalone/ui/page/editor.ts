import { durationFromMs } from "@bufbuild/protobuf/wkt";
import type { CacheApi } from "./api.js";
import { byId } from "./dom.js";
import { formatKey } from "./format.js";
import { messageOf, showNotice } from "./messages.js";
import { readMs } from "./units.js";
import { editableValue, parseValue } from "./value-text.js";

/** The dialog that sets an entry. */
export class Editor {
  readonly #dialog = byId("editor", HTMLDialogElement);
  readonly #key = byId("editor-key", HTMLInputElement);
  readonly #value = byId("editor-value", HTMLTextAreaElement);
  readonly #format = byId("editor-format", HTMLSelectElement);
  readonly #problem = byId("editor-problem", HTMLElement);
  readonly #amount = byId("editor-amount", HTMLInputElement);
  readonly #unit = byId("editor-unit", HTMLSelectElement);
  /** The key of the entry that is changed; undefined for a new one. */
  #openedKey: string | undefined;

  /** @param onChanged - called when an entry was set */
  constructor(api: CacheApi, signal: AbortSignal, onChanged: () => void) {
    const set = async (): Promise<void> => {
      // The field shows no line breaks, so it cannot hold every key.
      const key = this.#openedKey ?? this.#key.value;
      const value = parseValue(this.#value.value, this.#format.value);
      const ttlMs = readMs(this.#amount, this.#unit);
      await api.cache.set({
        key,
        value,
        ...(ttlMs === undefined ? {} : { ttl: durationFromMs(ttlMs) }),
      });
      this.#dialog.close();
      showNotice(`Set ${formatKey(key)}`);
      onChanged();
    };
    byId("editor-form", HTMLFormElement).addEventListener(
      "submit",
      (event) => {
        event.preventDefault();
        this.#problem.textContent = "";
        set().catch((error: unknown) => (this.#problem.textContent = messageOf(error)));
      },
      { signal },
    );
    byId("editor-close", HTMLButtonElement).addEventListener("click", () => this.#dialog.close(), {
      signal,
    });
    byId("new-entry", HTMLButtonElement).addEventListener(
      "click",
      () => this.#show(undefined, new Uint8Array(), undefined),
      { signal },
    );
    signal.addEventListener("abort", () => this.#dialog.close());
  }

  /**
   * Opens the dialog with an entry to change.
   * @param ttlMs - what is left of its TTL; undefined when it never expires
   */
  open(key: string, value: Uint8Array, ttlMs: number | undefined): void {
    this.#show(key, value, ttlMs);
  }

  #show(key: string | undefined, value: Uint8Array, ttlMs: number | undefined): void {
    const { format, text } = editableValue(value);
    this.#openedKey = key;
    this.#key.value = key ?? "";
    this.#key.readOnly = key !== undefined;
    this.#amount.value = ttlMs === undefined ? "" : String(Math.ceil(ttlMs) / 1000);
    this.#unit.value = "s";
    this.#value.value = text;
    this.#format.value = format;
    this.#problem.textContent = "";
    this.#dialog.showModal();
  }
}
