/** Cases that a provider on an SDK cannot pass, and why: the SDK decides them, not the author. */
export type ExpectedFailures = Readonly<Record<string, string>>;

/** gestalt-sdk 0.0.1a29 on PyPI. */
export const PYTHON_FAILURES: ExpectedFailures = {
  "bounds/accepted-can-be-read": "the SDK reports a value that is too large as UNKNOWN",
  "ttl/malformed-nanos-refused": "the SDK accepts any Duration",
  "ttl/malformed-signs-refused": "the SDK accepts any Duration",
  "ttl/malformed-seconds-refused": "the SDK accepts any Duration",
};

/** gestalt-sdk 0.0.1-alpha.26 on crates.io. */
export const RUST_FAILURES: ExpectedFailures = {
  "bounds/request-above-4-mib": "the SDK's server accepts messages of up to 4 MiB",
  "connection/any-authority": "the SDK refuses an authority that is not valid in a URL",
  "connection/escaped-path-authority": "the SDK refuses an authority that is not valid in a URL",
  "process/host-pid-gone-ends": "the SDK's process exits when its parent is not the host",
};

/** The Go SDK in the host's source tree at 1ba54b4c (2026-05-07). The suite does not run it. */
const GO_FAILURES: ExpectedFailures = {
  "bounds/request-above-4-mib": "the SDK's server accepts messages of up to 4 MiB",
  "process/host-pid-gone-ends": "the SDK's process exits when its parent is not the host",
  "ttl/malformed-nanos-refused": "the SDK accepts any Duration",
  "ttl/malformed-signs-refused": "the SDK accepts any Duration",
  "ttl/malformed-seconds-refused": "the SDK accepts any Duration",
};

/** The TypeScript SDK at the same commit. The suite does not run it. */
const TYPESCRIPT_FAILURES: ExpectedFailures = {
  "connection/any-authority": "the SDK's process exits on an authority that is not valid in a URL",
  "connection/escaped-path-authority":
    "the SDK's process exits on an authority that is not valid in a URL",
  "set-many/negative-ttl-writes-nothing": "the SDK treats a negative TTL as unset",
  "touch/negative-ttl-refused": "the SDK treats a negative TTL as unset",
  "ttl/below-a-millisecond-expires":
    "the SDK rounds down to zero, which means that the entry never expires",
  "ttl/malformed-nanos-refused": "the SDK accepts any Duration",
  "ttl/malformed-signs-refused": "the SDK accepts any Duration",
  "ttl/malformed-seconds-refused": "the SDK accepts any Duration",
  "ttl/negative-refused": "the SDK treats a negative TTL as unset",
  "ttl/negative-says-why": "the SDK treats a negative TTL as unset",
};

/** What each SDK decides, by its name for people. */
export const SDK_FAILURES: Readonly<Record<string, ExpectedFailures>> = {
  "Go (at 1ba54b4c, 2026-05-07)": GO_FAILURES,
  "Python (gestalt-sdk 0.0.1a29)": PYTHON_FAILURES,
  "Rust (gestalt-sdk 0.0.1-alpha.26)": RUST_FAILURES,
  "TypeScript (at 1ba54b4c, 2026-05-07)": TYPESCRIPT_FAILURES,
};
