import type { CacheApi } from "./api.js";
import { byId } from "./dom.js";
import { formatCount } from "./format.js";
import { attempt, showNotice } from "./messages.js";

/** The button that resets a cache, and the question before it does. */
export function offerReset({ control }: CacheApi, signal: AbortSignal, onReset: () => void): void {
  const question = byId("reset-question", HTMLDialogElement);
  const onClick = (id: string, click: () => void): void =>
    byId(id, HTMLButtonElement).addEventListener("click", click, { signal });
  onClick("reset", () => question.showModal());
  onClick("reset-cancel", () => question.close());
  onClick("reset-confirm", () => {
    question.close();
    attempt(async () => {
      const { entries } = await control.reset({});
      showNotice(`The cache is reset; ${formatCount(entries)} entries are removed`);
      onReset();
    });
  });
}
