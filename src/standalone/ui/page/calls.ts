import { millisecondsOf } from "../../../rpc/duration.js";
import { toJsonString } from "@bufbuild/protobuf";
import { timestampDate } from "@bufbuild/protobuf/wkt";
import { CallSchema, type Call } from "../../../rpc/gen/gestalt_cache_memory/v1/control_pb.js";
import type { CacheApi } from "./api.js";
import { bodyOf, byId, rowOf } from "./dom.js";
import { formatBytes, formatCount, formatKey, formatMilliseconds } from "./format.js";
import { messageOf } from "./messages.js";

/** The calls that are shown. */
const MAX_SHOWN = 100;

/** How often the table is written at most, in milliseconds. */
const DRAW_MS = 250;

/** The time before a stream that has ended is opened again, in milliseconds. */
const RETRY_MS = 2_000;

/** The keys of a call that are shown. */
const MAX_KEYS = 3;

/** The table of the last calls. It follows a stream of them until it is paused. */
export class CallTable {
  readonly #api: CacheApi;
  readonly #body = bodyOf("call-table");
  readonly #state = byId("calls-state", HTMLElement);
  readonly #pause = byId("pause-calls", HTMLButtonElement);
  #watching: AbortController | undefined;
  /** The newest last. */
  #calls: Call[] = [];
  #dropped = 0n;
  #isDrawn = true;

  constructor(api: CacheApi, signal: AbortSignal) {
    this.#api = api;
    this.#pause.addEventListener("click", () => this.#toggle(), { signal });
    const timer = setInterval(() => this.#draw(), DRAW_MS);
    signal.addEventListener("abort", () => {
      clearInterval(timer);
      this.#watching?.abort();
    });
    this.#watch();
  }

  #toggle(): void {
    if (this.#watching === undefined) {
      this.#watch();
      return;
    }
    this.#watching.abort();
    this.#watching = undefined;
    this.#show("Paused", true);
  }

  #watch(): void {
    const watching = new AbortController();
    this.#watching = watching;
    this.#show("Live", false);
    const run = async (): Promise<void> => {
      while (!watching.signal.aborted) {
        await this.#follow(watching.signal).catch((error: unknown) => {
          if (!watching.signal.aborted) this.#show(messageOf(error), false);
        });
        await new Promise((resolve) => setTimeout(resolve, RETRY_MS));
      }
    };
    void run();
  }

  /** Shows the calls that are kept, and those that follow, until the stream ends. */
  async #follow(signal: AbortSignal): Promise<void> {
    const { control } = this.#api;
    /** The calls that were listed; those that ended meanwhile come in the stream as well. */
    let listed: ReadonlySet<string> = new Set();
    for await (const { call, dropped } of control.watchCalls({}, { signal })) {
      if (call === undefined) {
        const { calls } = await control.listCalls({ limit: MAX_SHOWN }, { signal });
        listed = new Set(calls.map(identityOf));
        this.#calls = calls;
        this.#show("Live", false);
      } else if (listed.size === 0 || !listed.has(identityOf(call))) {
        this.#calls.push(call);
        if (this.#calls.length > 2 * MAX_SHOWN) this.#calls = this.#calls.slice(-MAX_SHOWN);
        listed = new Set();
      }
      this.#dropped += dropped;
      this.#isDrawn = false;
    }
  }

  #draw(): void {
    if (this.#isDrawn) return;
    this.#isDrawn = true;
    this.#body.replaceChildren(...this.#calls.slice(-MAX_SHOWN).reverse().map(rowOfCall));
    if (this.#dropped > 0n) {
      this.#state.textContent = `Live; ${formatCount(this.#dropped)} calls were too many to show`;
    }
  }

  #show(text: string, isPaused: boolean): void {
    this.#state.textContent = text;
    this.#pause.setAttribute("aria-pressed", String(isPaused));
  }
}

function identityOf(call: Call): string {
  return toJsonString(CallSchema, call);
}

function rowOfCall(call: Call): HTMLTableRowElement {
  const { time, method, keys, keyCount, bytes, duration, status } = call;
  const more = Number(keyCount) - Math.min(keys.length, MAX_KEYS);
  const names = keys.slice(0, MAX_KEYS).map(formatKey).join(", ");
  const row = rowOf(
    time === undefined ? "" : timeOfDay(timestampDate(time)),
    method,
    more > 0 ? `${names} and ${formatCount(more)} more` : names,
    resultOf(call),
    { number: formatBytes(Number(bytes)) },
    { number: duration === undefined ? "" : formatMilliseconds(millisecondsOf(duration)) },
  );
  if (status !== "ok") row.cells.item(3)?.classList.add("bad");
  return row;
}

function resultOf({ status, hits, misses, keyCount, faultId }: Call): string {
  const fault = faultId === 0 ? "" : `, fault ${faultId}`;
  if (status !== "ok") return status + fault;
  if (hits === 0n && misses === 0n) return `ok${fault}`;
  if (keyCount === 1n) return (hits === 1n ? "hit" : "miss") + fault;
  return `${formatCount(hits)} hits, ${formatCount(misses)} misses${fault}`;
}

/** The local time of day to the millisecond. */
function timeOfDay(date: Date): string {
  const ms = String(date.getMilliseconds()).padStart(3, "0");
  return `${date.toLocaleTimeString("en-GB")}.${ms}`;
}
