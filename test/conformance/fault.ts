/** A wrong provider and the cases that must notice it. */
export type Fault = {
  /** What it does wrong, after "a provider that". */
  readonly fault: string;
} & (
  | {
      /** Exactly these cases fail. */
      readonly fails: readonly string[];
      readonly failsAtLeast?: never;
    }
  | {
      /**
       * For a fault in what nearly every case builds on, such as that Get finds
       * something: these fail, and others with them.
       */
      readonly failsAtLeast: readonly string[];
      readonly fails?: never;
    }
);
