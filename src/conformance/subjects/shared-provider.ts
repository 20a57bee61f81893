import { ConformanceFailure, ProviderGone } from "../failure.js";
import type { ProcessOutput } from "../process/process-output.js";
import type { ProviderExit, RunningProvider } from "../process/running-provider.js";

/** How often a provider that crashed is started again before the run is given up. */
const MAX_RESTARTS = 5;

/** A crash that no case has been told of yet. */
interface Crash {
  readonly exit: ProviderExit;
  readonly output: ProcessOutput;
}

/** The process that most cases share; started again when a case has made it crash. */
export class SharedProvider {
  readonly #start: () => Promise<RunningProvider>;
  #starting: Promise<RunningProvider> | undefined;
  #starts = 0;
  /** The latest process, which may have ended. */
  current: RunningProvider | undefined;
  #crash: Crash | undefined;

  constructor(start: () => Promise<RunningProvider>) {
    this.#start = start;
  }

  /**
   * A process that runs.
   * @throws ProviderGone when it does not start, or has ended too often
   */
  running(): Promise<RunningProvider> {
    if (this.current?.exited) {
      this.#starting = undefined;
      this.current = undefined;
    }
    return (this.#starting ??= this.#begin());
  }

  /** The crash since the last time of asking, if there was one. */
  takeCrash(): Crash | undefined {
    const crash = this.#crash;
    this.#crash = undefined;
    return crash;
  }

  async end(): Promise<void> {
    await this.current?.end();
  }

  async #begin(): Promise<RunningProvider> {
    if (this.#starts++ > MAX_RESTARTS) {
      throw new ProviderGone(`the provider exited ${this.#starts - 1} times during the run`);
    }
    try {
      const provider = await this.#start();
      this.current = provider;
      void provider.exit.then((exit) => {
        this.#crash = { exit, output: provider.output };
        void provider.end();
      });
      return provider;
    } catch (error) {
      if (!(error instanceof ConformanceFailure)) throw error;
      throw new ProviderGone(`the provider does not start: ${error.received}`, { cause: error });
    }
  }
}
