/** How many lines of a case a report shows; the fault is near the end. */
const SHOWN_LINES = 12;

/** What one case sent, and what came back, line by line for the report. */
export class Transcript {
  readonly #lines: string[] = [];

  /** Notes that something happened between calls. */
  note(line: string): void {
    this.#lines.push(line);
  }

  /** Notes a call, then makes it, then notes its outcome beside it. */
  async record<T>(
    call: string,
    make: () => Promise<T>,
    show: (answer: T) => string = () => "OK",
  ): Promise<T> {
    const index = this.#lines.push(`${call} -> (no reply)`) - 1;
    try {
      const answer = await make();
      this.#lines[index] = `${call} -> ${show(answer)}`;
      return answer;
    } catch (error) {
      this.#lines[index] = `${call} -> ${error instanceof Error ? error.message : String(error)}`;
      throw error;
    }
  }

  /** The last lines, oldest first. */
  lines(): readonly string[] {
    const hidden = this.#lines.length - SHOWN_LINES;
    if (hidden <= 0) return [...this.#lines];
    return [`(${hidden} earlier lines)`, ...this.#lines.slice(hidden)];
  }
}
