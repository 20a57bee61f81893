import uPlot from "uplot";
import { byId } from "./dom.js";
import { formatBytes, formatCount, formatShare } from "./format.js";
import { History, type Figures } from "./history.js";

/** Height of a chart in CSS pixels. */
const HEIGHT = 150;

/** The time that the charts show at least, in seconds; they begin with less to show. */
const LEAST_SECONDS = 60;

/** The steps of an axis of bytes. */
const POWERS_OF_TWO = Array.from({ length: 50 }, (_, exponent) => 2 ** exponent);

/** A line of a chart. */
interface Line {
  readonly label: string;
  /** The custom property of its colour. */
  readonly colour: string;
  readonly dash?: number[];
}

/** What a chart shows, and how. */
interface ChartOptions {
  readonly element: HTMLElement;
  readonly lines: readonly Line[];
  readonly format: (value: number) => string;
  /** The upper end of the axis, given the largest value. */
  readonly top: (max: number) => number;
  /** The steps that the axis may have. */
  readonly steps?: readonly number[];
}

/** The three charts of the page, and the figures below them. */
export class Charts {
  #history = new History();
  readonly #ratio = createChart({
    element: byId("ratio-chart", HTMLElement),
    lines: [{ label: "hit ratio", colour: "--first" }],
    format: (value) => `${Math.round(value * 100)} %`,
    top: () => 1,
  });
  readonly #operations = createChart({
    element: byId("operations-chart", HTMLElement),
    lines: [
      { label: "reads/s", colour: "--first" },
      { label: "writes/s", colour: "--second" },
      { label: "removals/s", colour: "--third" },
    ],
    format: (value) => formatCount(value),
    top: (max) => Math.max(1, max * 1.1),
  });
  readonly #memory = createChart({
    element: byId("memory-chart", HTMLElement),
    lines: [
      { label: "used", colour: "--first" },
      { label: "bound", colour: "--second", dash: [6, 4] },
    ],
    format: formatBytes,
    top: (max) => Math.max(1, max * 1.1),
    steps: POWERS_OF_TWO,
  });

  /** Forgets what was shown: another cache comes. */
  clear(): void {
    this.#history = new History();
    this.#draw();
  }

  /** Adds the figures of now. */
  add(figures: Figures, now: Date = new Date()): void {
    this.#history.add(figures, now.getTime() / 1000);
    this.#draw();
    for (const element of document.querySelectorAll<HTMLElement>("[data-figure]")) {
      element.textContent = formatCount(figures[element.dataset["figure"] as keyof Figures]);
    }
    const { reads, writes, removals } = this.#history;
    setText("ratio-now", this.#ratioText(figures));
    const rate = (values: readonly number[]): string => formatCount(Math.round(values.at(-1) ?? 0));
    setText(
      "operations-now",
      `${rate(reads)} reads/s, ${rate(writes)} writes/s, ${rate(removals)} removals/s`,
    );
    const { bytes, maxBytes } = figures;
    const share = formatShare(Number(bytes) / Number(maxBytes));
    setText(
      "memory-now",
      `${formatBytes(Number(bytes))} of ${formatBytes(Number(maxBytes))} (${share})`,
    );
  }

  /** The hit ratio of the last reading that had one, or of all reads. */
  #ratioText({ hits, misses }: Figures): string {
    const last = this.#history.ratio.findLast((share) => share !== null) ?? undefined;
    if (last !== undefined) return formatShare(last);
    const reads = Number(hits + misses);
    return reads === 0 ? "no reads yet" : `${formatShare(Number(hits) / reads)} since the start`;
  }

  #draw(): void {
    const { times, ratio, reads, writes, removals, bytes, maxBytes } = this.#history;
    this.#ratio.setData([times, ratio]);
    this.#operations.setData([times, reads, writes, removals]);
    this.#memory.setData([times, bytes, maxBytes]);
  }
}

function setText(id: string, text: string): void {
  byId(id, HTMLElement).textContent = text;
}

function createChart({ element, lines, format, top, steps }: ChartOptions): uPlot {
  const axis: uPlot.Axis = {
    stroke: () => colourOf("--quiet"),
    grid: { stroke: () => colourOf("--line"), width: 1 },
    ticks: { show: false },
  };
  const chart = new uPlot(
    {
      width: Math.max(1, element.clientWidth),
      height: HEIGHT,
      cursor: { show: false },
      legend: { live: false },
      scales: {
        x: { range: (_chart, min, max) => [Math.min(min, max - LEAST_SECONDS), max] },
        y: { range: (_chart, _min, max) => [0, top(max)] },
      },
      axes: [
        { ...axis, space: 80, values: (_chart, ticks) => ticks.map(timeOfDay) },
        {
          ...axis,
          size: 70,
          values: (_chart, ticks) => ticks.map(format),
          ...(steps === undefined ? {} : { incrs: [...steps] }),
        },
      ],
      series: [
        {},
        ...lines.map(({ label, colour, dash }) => ({
          label,
          stroke: () => colourOf(colour),
          width: 2,
          points: { show: false },
          ...(dash === undefined ? {} : { dash }),
        })),
      ],
    },
    [[], ...lines.map(() => [])],
    element,
  );
  new ResizeObserver(() => {
    if (element.clientWidth > 0) chart.setSize({ width: element.clientWidth, height: HEIGHT });
  }).observe(element);
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => chart.redraw());
  return chart;
}

/** The local time of day of a time in seconds since 1970. */
function timeOfDay(seconds: number): string {
  return new Date(seconds * 1000).toLocaleTimeString("en-GB", {
    hour: "2-digit",
    minute: "2-digit",
    second: "2-digit",
  });
}

/** Custom properties hold what was written; only a property of an element is a colour. */
function colourOf(property: string): string {
  const probe = byId("charts", HTMLElement);
  probe.style.outlineColor = `var(${property})`;
  return getComputedStyle(probe).outlineColor;
}
