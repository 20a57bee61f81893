import { durationFromMs, durationMs } from "@bufbuild/protobuf/wkt";
import type { Clock } from "../../../rpc/gen/gestalt_cache_memory/v1/control_pb.js";
import type { CacheApi } from "./api.js";
import type { Countdown } from "./countdown.js";
import { byId } from "./dom.js";
import { every } from "./every.js";
import { formatCount, formatDuration } from "./format.js";
import { attempt, showNotice } from "./messages.js";
import { readMs } from "./units.js";

/** How often the clock is read, in milliseconds. */
const READ_MS = 1_000;

/** What the clock of the page works with. */
export interface ClockPanelOptions {
  readonly api: CacheApi;
  readonly countdown: Countdown;
  readonly signal: AbortSignal;
  /** Called when times to live have changed in another way than by passing time. */
  readonly onMoved: () => void;
}

/** Shows the clock of a cache, and lets the user stop and move it. */
export function showClock({ api, countdown, signal, onMoved }: ClockPanelOptions): void {
  const { control } = api;
  const freeze = byId("freeze", HTMLButtonElement);
  const resume = byId("resume", HTMLButtonElement);
  let last = "";

  const show = (clock: Clock | undefined): void => {
    if (clock === undefined) return;
    const advancedMs = clock.advanced === undefined ? 0 : durationMs(clock.advanced);
    const elapsedMs = clock.elapsed === undefined ? 0 : durationMs(clock.elapsed);
    byId("clock-state", HTMLElement).textContent = clock.frozen ? "Frozen" : "Running";
    byId("clock-elapsed", HTMLElement).textContent = formatDuration(elapsedMs);
    byId("clock-advanced", HTMLElement).textContent = formatDuration(advancedMs);
    freeze.disabled = clock.frozen;
    resume.disabled = !clock.frozen;
    countdown.isFrozen = clock.frozen;
    const state = `${clock.frozen} ${advancedMs}`;
    if (last !== "" && last !== state) onMoved();
    last = state;
  };

  freeze.addEventListener(
    "click",
    () =>
      attempt(async () => {
        show((await control.freezeClock({})).clock);
        showNotice("The clock is frozen");
        resume.focus();
      }),
    { signal },
  );
  resume.addEventListener(
    "click",
    () =>
      attempt(async () => {
        show((await control.resumeClock({})).clock);
        showNotice("The clock is running");
        freeze.focus();
      }),
    { signal },
  );
  byId("advance", HTMLFormElement).addEventListener(
    "submit",
    (event) => {
      event.preventDefault();
      const amount = byId("advance-amount", HTMLInputElement);
      const ms = readMs(amount, byId("advance-unit", HTMLSelectElement)) ?? 0;
      attempt(async () => {
        const { clock, expired } = await control.advanceClock({ duration: durationFromMs(ms) });
        show(clock);
        const entries = expired === 1n ? "1 entry" : `${formatCount(expired)} entries`;
        showNotice(`The clock is advanced by ${formatDuration(ms)}; ${entries} expired`);
      });
    },
    { signal },
  );
  every(READ_MS, signal, async () => show((await control.getClock({}, { signal })).clock));
}
