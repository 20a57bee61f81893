import { Code, ConnectError } from "@connectrpc/connect";
import { byId } from "./dom.js";

const problem = byId("problem", HTMLElement);
const problemText = byId("problem-text", HTMLElement);
const notice = byId("notice", HTMLElement);
const connection = byId("connection", HTMLElement);

byId("problem-close", HTMLButtonElement).addEventListener("click", () => (problem.hidden = true));

/** Shows what went wrong, until the user closes it or does something that succeeds. */
export function showProblem(error: unknown): void {
  notice.textContent = "";
  problemText.textContent = messageOf(error);
  problem.hidden = false;
}

/** Shows what was done. */
export function showNotice(text: string): void {
  problem.hidden = true;
  notice.textContent = text;
}

/** Shows whether the page is up to date; undefined: it is. */
export function showConnection(error?: unknown): void {
  const text = error === undefined ? "Live" : `Not up to date: ${messageOf(error)}`;
  // A screen reader says what is written, so write it only when it changes.
  if (connection.textContent !== text) connection.textContent = text;
}

/** Does what the user asked for, and shows a problem. A call that the page cancels is not one. */
export function attempt(action: () => Promise<void>): void {
  action().catch((error: unknown) => {
    if (!(error instanceof ConnectError && error.code === Code.Canceled)) showProblem(error);
  });
}

/** The text of an error; of a call the status comes first. */
export function messageOf(error: unknown): string {
  if (error instanceof TypeError) return "the server cannot be reached";
  const reason = ConnectError.from(error);
  if (reason.cause instanceof TypeError) return "the server cannot be reached";
  return error instanceof ConnectError || !(error instanceof Error)
    ? reason.message
    : error.message;
}
