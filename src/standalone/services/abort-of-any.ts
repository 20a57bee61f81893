/** Settles as soon as one of the signals is aborted, and removes its listeners. */
export function abortOfAny(signals: readonly AbortSignal[]): Promise<void> {
  return new Promise((resolve) => {
    const settle = (): void => {
      for (const signal of signals) signal.removeEventListener("abort", settle);
      resolve();
    };
    for (const signal of signals) signal.addEventListener("abort", settle);
    if (signals.some(({ aborted }) => aborted)) settle();
  });
}
