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

  /** @param onChanged - called when an entry was set */
  constructor(api: CacheApi, signal: AbortSignal, onChanged: () => void) {
    const set = async (): Promise<void> => {
      const key = this.#key.value;
      const value = parseValue(this.#value.value, this.#format.value);
      const ttlMs = readMs(
        byId("editor-amount", HTMLInputElement),
        byId("editor-unit", HTMLSelectElement),
      );
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
      () => this.open("", new Uint8Array()),
      { signal },
    );
    signal.addEventListener("abort", () => this.#dialog.close());
  }

  /** Opens the dialog with an entry to change. */
  open(key: string, value: Uint8Array): void {
    const { format, text } = editableValue(value);
    this.#key.value = key;
    this.#value.value = text;
    this.#format.value = format;
    this.#problem.textContent = "";
    this.#dialog.showModal();
  }
}
