/** Cases that a provider on an SDK cannot pass, and why: the SDK decides them, not the author. */
export type ExpectedFailures = Readonly<Record<string, string>>;

/** Of every SDK so far. */
const NOT_CHECKED: ExpectedFailures = {
  "process/before-configure": "the SDK serves the cache before ConfigureProvider",
  "bounds/accepted-can-be-read": "the SDK has no error for a value that is too large: UNKNOWN",
};

/** gestalt-sdk 0.0.1a29 on PyPI. */
export const PYTHON_FAILURES: ExpectedFailures = {
  ...NOT_CHECKED,
  "ttl/below-a-millisecond-expires": "the SDK's TTL is a timedelta, which counts microseconds",
  "ttl/malformed-nanos-refused": "the SDK accepts any Duration",
  "ttl/malformed-signs-refused": "the SDK accepts any Duration",
  "ttl/malformed-seconds-refused": "the SDK accepts any Duration",
  "process/parent-death-ends": "the SDK does not watch its parent",
  "process/host-pid-gone-ends": "the SDK does not watch its host",
};

/** gestalt-sdk 0.0.1-alpha.26 on crates.io. */
export const RUST_FAILURES: ExpectedFailures = {
  ...NOT_CHECKED,
};
