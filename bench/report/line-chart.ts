/** A line: points from left to right. */
export interface Line {
  readonly name: string;
  readonly points: readonly (readonly [x: number, y: number])[];
}

/** A chart with a logarithmic horizontal axis, and a vertical one that begins at zero. */
export interface LineChart {
  /** Also the name of its file: `docs/images/NAME.svg`. */
  readonly name: string;
  readonly title: string;
  readonly xLabel: string;
  readonly yLabel: string;
  readonly lines: readonly Line[];
}

const WIDTH = 640;
const HEIGHT = 320;
const LEFT = 70;
const RIGHT = 200;
const TOP = 40;
const BOTTOM = 50;

/** Readable on white and on black, and distinct to people who see fewer colours. */
const COLOURS = ["#0072b2", "#e69f00", "#009e73", "#cc79a7", "#d55e00", "#56b4e9", "#888888"];

/** Draws a chart as SVG text that refers to nothing outside itself. */
export function svgFromLineChart(chart: LineChart): string {
  const points = chart.lines.flatMap((line) => line.points);
  const xs = points.map(([x]) => Math.log10(x));
  const minX = Math.min(...xs);
  const spanX = Math.max(...xs) - minX || 1;
  const maxY = roundUp(Math.max(...points.map(([, y]) => y)));
  const toX = (x: number): number =>
    LEFT + ((Math.log10(x) - minX) / spanX) * (WIDTH - LEFT - RIGHT);
  const toY = (y: number): number => HEIGHT - BOTTOM - (y / maxY) * (HEIGHT - TOP - BOTTOM);
  const parts = [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${HEIGHT}" role="img">`,
    `<title>${escape(chart.title)}</title>`,
    "<style>text{font:12px sans-serif;fill:#777}line{stroke:#8884}polyline{fill:none;stroke-width:2}</style>",
    text(LEFT, 20, chart.title, "start"),
    text((LEFT + WIDTH - RIGHT) / 2, HEIGHT - 10, chart.xLabel, "middle"),
    text(LEFT, 36, chart.yLabel, "start"),
  ];
  for (let step = 0; step <= 4; step++) {
    const y = (maxY * step) / 4;
    const height = toY(y);
    parts.push(`<line x1="${LEFT}" x2="${WIDTH - RIGHT}" y1="${height}" y2="${height}"/>`);
    parts.push(text(LEFT - 6, height + 4, short(y), "end"));
  }
  for (const x of new Set(points.map(([value]) => value))) {
    parts.push(text(toX(x), HEIGHT - BOTTOM + 18, short(x), "middle"));
  }
  for (const [index, line] of chart.lines.entries()) {
    const colour = COLOURS[index % COLOURS.length] ?? "";
    const path = line.points.map(([x, y]) => `${toX(x).toFixed(1)},${toY(y).toFixed(1)}`);
    const height = TOP + 20 + index * 20;
    const left = WIDTH - RIGHT + 16;
    parts.push(`<polyline points="${path.join(" ")}" stroke="${colour}"/>`);
    parts.push(`<circle cx="${left}" cy="${height - 4}" r="5" fill="${colour}"/>`);
    parts.push(text(left + 12, height, line.name, "start"));
  }
  return `${parts.join("\n")}\n</svg>\n`;
}

function text(x: number, y: number, content: string, anchor: "start" | "middle" | "end"): string {
  return `<text x="${x.toFixed(1)}" y="${y.toFixed(1)}" text-anchor="${anchor}">${escape(content)}</text>`;
}

/** The next number of the form 1, 2, 4 or 8 times a power of ten, so that quarters are round. */
function roundUp(value: number): number {
  const power = 10 ** Math.floor(Math.log10(Math.max(value, Number.MIN_VALUE)));
  const factor = [1, 2, 4, 8, 10].find((each) => value <= each * power) ?? 10;
  return factor * power;
}

function short(value: number): string {
  return value.toLocaleString("en-US", { notation: "compact", maximumSignificantDigits: 3 });
}

function escape(content: string): string {
  return content.replaceAll("&", "&amp;").replaceAll("<", "&lt;");
}
