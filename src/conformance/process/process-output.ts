import type { Readable } from "node:stream";

/** How much of what a provider printed is kept, in characters. */
const KEPT_CHARACTERS = 1_000_000;

/** How many lines of it a report shows. */
const SHOWN_LINES = 8;

/** A line that says where in the code an error came from; the error itself stands before. */
const stackFrame = /^\s+at /;

/** What a provider has printed on its standard output and error. */
export class ProcessOutput {
  #text = "";

  constructor(streams: readonly (Readable | null)[]) {
    for (const stream of streams) {
      stream?.setEncoding("utf8");
      stream?.on("data", (text: string) => {
        this.#text = (this.#text + text).slice(-KEPT_CHARACTERS);
      });
      // The other end may vanish with the process.
      stream?.on("error", () => undefined);
    }
  }

  get text(): string {
    return this.#text;
  }

  /** The last lines, for a report; says so when there is nothing. */
  tail(): string {
    const lines = this.#text.split("\n").filter((line) => line.trim() && !stackFrame.test(line));
    const text = lines.slice(-SHOWN_LINES).join(" | ").trim();
    return text === "" ? "it printed nothing" : `it printed: ${text}`;
  }
}
