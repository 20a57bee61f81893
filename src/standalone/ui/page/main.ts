/** The page of `--ui`: opens a session and shows one binding at a time. */
import { createCacheApi, type CacheApi } from "./api.js";
import { CallTable } from "./calls.js";
import { Charts } from "./charts.js";
import { showClock } from "./clock.js";
import { Countdown } from "./countdown.js";
import { byId } from "./dom.js";
import { Editor } from "./editor.js";
import { EntryDialog } from "./entry-dialog.js";
import { EntryTable } from "./entries.js";
import { every } from "./every.js";
import { fillFaultForm, showFaults } from "./faults.js";
import { showConnection, showProblem } from "./messages.js";
import { offerReset } from "./reset.js";
import { openSession, readServerInfo } from "./session.js";
import { fillUnits } from "./units.js";

/** How often the figures are read, in milliseconds. */
const READ_MS = 1_000;

/** Shows a binding until `signal` is aborted. */
function showCache(api: CacheApi, charts: Charts, signal: AbortSignal): void {
  const countdown = new Countdown();
  const reload = (): void => entries.reload();
  const editor = new Editor(api, signal, reload);
  const dialog = new EntryDialog({
    api,
    countdown,
    signal,
    onChanged: reload,
    onEdit: (key, value, ttlMs) => editor.open(key, value, ttlMs),
  });
  const entries = new EntryTable({ api, countdown, signal, onOpen: (key) => dialog.open(key) });
  let calls = showCalls(api, signal);
  offerReset(api, signal, () => {
    reload();
    calls.abort();
    calls = showCalls(api, signal);
  });
  showClock({ api, countdown, signal, onMoved: reload });
  showFaults(api, signal);
  every(READ_MS, signal, async () => {
    const figures = await api.statistics.getStatistics({}, { signal });
    charts.add(figures);
    entries.follow(figures);
    countdown.tick();
  });
}

/** Shows the calls until the one of both is aborted. */
function showCalls(api: CacheApi, signal: AbortSignal): AbortController {
  const own = new AbortController();
  new CallTable(api, AbortSignal.any([own.signal, signal]));
  return own;
}

async function start(): Promise<void> {
  const session = await openSession();
  const { version, bindings } = await readServerInfo(session);
  byId("version", HTMLElement).textContent = version;
  byId("panels", HTMLElement).hidden = false;
  byId("reset", HTMLButtonElement).disabled = false;
  fillUnits();
  fillFaultForm();
  const charts = new Charts();
  const choice = byId("binding", HTMLSelectElement);
  choice.replaceChildren(...bindings.map((name) => new Option(name)));
  byId("binding-choice", HTMLElement).hidden = bindings.length < 2;
  let shown = new AbortController();
  const show = (): void => {
    shown.abort();
    shown = new AbortController();
    charts.clear();
    showCache(createCacheApi(session, choice.value), charts, shown.signal);
  };
  choice.addEventListener("change", show);
  show();
}

// Another link in the same tab changes the fragment alone.
addEventListener("hashchange", () => location.reload());

start().catch((error: unknown) => {
  showConnection(error);
  showProblem(error);
});
