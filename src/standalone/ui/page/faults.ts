import type { MessageInitShape } from "@bufbuild/protobuf";
import { durationFromMs, durationMs } from "@bufbuild/protobuf/wkt";
import type {
  Fault,
  FaultRule,
  FaultRuleSchema,
} from "../../../rpc/gen/gestalt_cache_memory/v1/control_pb.js";
import { Cache } from "../../../rpc/gen/gestalt/provider/v1/cache_pb.js";
import { FAILURE_NAMES } from "../../control/status-names.js";
import type { CacheApi } from "./api.js";
import { bodyOf, buttonOf, byId, fillSelect, rowOf } from "./dom.js";
import { every } from "./every.js";
import { formatCount, formatDuration } from "./format.js";
import { attempt, showNotice } from "./messages.js";

/** How often the rules are read, in milliseconds: their counts change with each call. */
const READ_MS = 2_000;

/** Fills the choices of the form; the same for every cache. */
export function fillFaultForm(): void {
  const status = byId("fault-status", HTMLSelectElement);
  fillSelect(status, FAILURE_NAMES);
  status.value = "unavailable";
  const labels = Cache.methods.map(({ name }) => {
    const box = document.createElement("input");
    box.type = "checkbox";
    box.value = name;
    const label = document.createElement("label");
    label.append(box, ` ${name}`);
    return label;
  });
  byId("fault-methods", HTMLFieldSetElement).append(...labels);
  const effect = byId("fault-effect", HTMLSelectElement);
  effect.addEventListener("change", () => {
    const fields = byId("fault-form", HTMLFormElement).querySelectorAll<HTMLElement>(
      "[data-effects]",
    );
    for (const field of fields) {
      field.hidden = field.dataset["effects"]?.split(" ").includes(effect.value) !== true;
    }
  });
}

/** Shows the rules of a cache, and lets the user add and remove them. */
export function showFaults({ control }: CacheApi, signal: AbortSignal): void {
  const load = async (): Promise<void> => {
    const { faults } = await control.listFaults({}, { signal });
    draw(faults, remove);
  };
  const remove = (id: number): void =>
    attempt(async () => {
      await control.clearFaults({ ids: [id] });
      showNotice(`Rule ${id} is removed`);
      await load();
    });
  byId("clear-faults", HTMLButtonElement).addEventListener(
    "click",
    () =>
      attempt(async () => {
        const { faults } = await control.clearFaults({});
        const count = faults.length;
        showNotice(count === 1 ? "1 rule is removed" : `${formatCount(count)} rules are removed`);
        await load();
      }),
    { signal },
  );
  byId("fault-form", HTMLFormElement).addEventListener(
    "submit",
    (event) => {
      event.preventDefault();
      attempt(async () => {
        const { fault } = await control.addFault({ rule: ruleFromForm() });
        showNotice(`Rule ${fault?.id ?? ""} is added`);
        await load();
      });
    },
    { signal },
  );
  every(READ_MS, signal, load);
}

/** Keeps the rows of rules that are there already, so that the keyboard stays where it is. */
function draw(faults: readonly Fault[], remove: (id: number) => void): void {
  const body = bodyOf("fault-table");
  const shown = new Map([...body.rows].map((row) => [row.dataset["id"], row]));
  const rows = faults.map(({ id, rule, applied, selected }) => {
    const row =
      shown.get(String(id)) ??
      rowOf(
        rule === undefined ? "" : callsOf(rule),
        rule === undefined ? "" : effectOf(rule),
        "",
        buttonOf("Remove", `Remove rule ${id}`, () => remove(id)),
      );
    row.dataset["id"] = String(id);
    const cell = row.cells.item(2);
    if (cell !== null) cell.textContent = `${formatCount(applied)} of ${formatCount(selected)}`;
    return row;
  });
  const isSame = rows.length === body.rows.length && rows.every((row) => row.isConnected);
  if (!isSame) body.replaceChildren(...rows);
  byId("fault-list", HTMLElement).hidden = faults.length === 0;
  byId("no-faults", HTMLElement).hidden = faults.length > 0;
}

function callsOf({ methods, keyPrefix, skip, times, probability, seed }: FaultRule): string {
  return [
    methods.length === 0 || methods.length === Cache.methods.length ? "all" : methods.join(", "),
    keyPrefix === "" ? "" : `of keys with ${keyPrefix}`,
    skip === 0 ? "" : `after ${formatCount(skip)}`,
    times === undefined ? "" : `${formatCount(times)} times`,
    probability === undefined ? "" : `${probability * 100} % at random`,
    seed === undefined ? "" : `seed ${seed}`,
  ]
    .filter((part) => part !== "")
    .join(", ");
}

function effectOf({ effect }: FaultRule): string {
  switch (effect.case) {
    case "fail":
      return `fail with ${effect.value.code}`;
    case "loseReply":
      return `done, then ${effect.value.code}`;
    case "delay":
      return `wait ${formatDuration(durationMs(effect.value))}`;
    case "miss":
      return "find nothing";
    case undefined:
      return "";
  }
}

function ruleFromForm(): MessageInitShape<typeof FaultRuleSchema> {
  const text = (id: string): string => byId(id, HTMLInputElement).value;
  const percent = Number(text("fault-percent"));
  return {
    methods: [...document.querySelectorAll<HTMLInputElement>("#fault-methods :checked")].map(
      ({ value }) => value,
    ),
    keyPrefix: text("fault-prefix"),
    effect: effectFromForm(),
    skip: Number(text("fault-skip")),
    ...(text("fault-times") === "" ? {} : { times: Number(text("fault-times")) }),
    ...(percent === 100 ? {} : { probability: percent / 100 }),
  };
}

function effectFromForm(): NonNullable<MessageInitShape<typeof FaultRuleSchema>["effect"]> {
  const failure = { code: byId("fault-status", HTMLSelectElement).value };
  switch (byId("fault-effect", HTMLSelectElement).value) {
    case "loseReply":
      return { case: "loseReply", value: failure };
    case "miss":
      return { case: "miss", value: {} };
    case "delay": {
      const delayMs = Number(byId("fault-delay", HTMLInputElement).value);
      return { case: "delay", value: durationFromMs(delayMs) };
    }
    default:
      return { case: "fail", value: failure };
  }
}
