/** The type of a metric: a `counter` only grows, a `gauge` is a state. */
export type MetricKind = "counter" | "gauge";

/** The content type of {@link Exposition}'s text. */
export const EXPOSITION_CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8";

/** One sample of a metric, and the labels that distinguish it from the others. */
export interface Sample {
  readonly labels?: Readonly<Record<string, string>>;
  readonly value: number;
}

/**
 * Builds a text in Prometheus's exposition format 0.0.4. All figures are counted elsewhere and
 * only read here, so no library with its own registry is needed.
 */
export class Exposition {
  #text = "";

  /** Adds a metric, unless it has no samples. */
  add(name: string, kind: MetricKind, help: string, samples: readonly Sample[]): void {
    if (samples.length === 0) return;
    this.#text += `# HELP ${name} ${escapeHelp(help)}\n# TYPE ${name} ${kind}\n`;
    for (const { labels = {}, value } of samples) {
      this.#text += `${name}${labelText(labels)} ${valueText(value)}\n`;
    }
  }

  toString(): string {
    return this.#text;
  }
}

function labelText(labels: Readonly<Record<string, string>>): string {
  const pairs = Object.entries(labels).map(([name, value]) => `${name}="${escapeLabel(value)}"`);
  return pairs.length === 0 ? "" : `{${pairs.join(",")}}`;
}

function valueText(value: number): string {
  if (value === Infinity) return "+Inf";
  if (value === -Infinity) return "-Inf";
  return String(value);
}

function escapeHelp(text: string): string {
  return text.replaceAll("\\", "\\\\").replaceAll("\n", "\\n");
}

function escapeLabel(text: string): string {
  return escapeHelp(text).replaceAll('"', '\\"');
}
