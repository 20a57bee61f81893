/** Settled as soon as one of the signals is aborted; leaves no listener behind. */
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
