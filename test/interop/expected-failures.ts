/**
 * What Gestalt's SDKs do by default that the kit finds, from their sources and from runs of the
 * kit. docs/conformance.md shows it as a table. A fault without a way to mend it is an expected
 * failure of the walk-through on that SDK.
 */

/** One thing that an SDK does, and the cases that find it. */
export interface SdkFault {
  readonly cases: readonly string[];
  /** What the SDK does, as a sentence without its subject. */
  readonly behavior: string;
  /** How an author mends it, as a sentence. Absent where the SDK has no setting for it. */
  readonly mend?: string;
}

/** An SDK, by its language and version for people. */
export interface Sdk {
  readonly name: string;
  readonly faults: readonly SdkFault[];
}

const NEGATIVE_TTL_CASES = [
  "set-many/negative-ttl-writes-nothing",
  "touch/negative-ttl-refused",
  "ttl/negative-refused",
  "ttl/negative-says-why",
];

const MALFORMED_TTL_CASES = [
  "ttl/malformed-nanos-refused",
  "ttl/malformed-signs-refused",
  "ttl/malformed-seconds-refused",
];

const HOST_CASES = ["process/host-pid-gone-ends", "process/parent-death-ends"];

const AUTHORITY_CASES = ["connection/any-authority", "connection/escaped-path-authority"];

const ACCEPTS_4_MIB: SdkFault = {
  cases: ["bounds/request-above-4-mib"],
  behavior: "Accepts requests of up to 4 MiB.",
};

const REQUIRES_HOST_AS_PARENT: SdkFault = {
  cases: ["process/host-pid-gone-ends"],
  behavior: "Ends when the parent process is not the host.",
};

const ALL: Sdk = {
  name: "All",
  faults: [
    {
      cases: ["process/before-configure"],
      behavior: "Pass cache calls to the provider before ConfigureProvider.",
      mend: "Fail each call with FAILED_PRECONDITION until `configure` has run.",
    },
  ],
};

/** The Go SDK in the host's source tree. No test runs it. */
const GO: Sdk = {
  name: "Go, 1ba54b4c",
  faults: [
    ACCEPTS_4_MIB,
    REQUIRES_HOST_AS_PARENT,
    { cases: MALFORMED_TTL_CASES, behavior: "Accepts any Duration, and shortens it to 292 years." },
  ],
};

/** gestalt-sdk on PyPI. */
export const PYTHON: Sdk = {
  name: "Python, 0.0.1a29",
  faults: [
    {
      cases: ["bounds/accepted-can-be-read"],
      behavior:
        "Sends replies of up to 64 MiB. No status of its `Error` becomes RESOURCE_EXHAUSTED.",
    },
    { cases: MALFORMED_TTL_CASES, behavior: "Accepts any Duration." },
    {
      cases: ["ttl/below-a-millisecond-expires"],
      behavior: "Rounds a TTL below 1 µs down to `timedelta(0)`, which is false.",
      mend: "Compare the TTL of `set` with None. In `touch`, no TTL is zero as well.",
    },
    {
      cases: HOST_CASES,
      behavior: "Does not watch the host.",
      mend: "Watch the parent and the host in a thread.",
    },
  ],
};

/** gestalt-sdk on crates.io. */
export const RUST: Sdk = {
  name: "Rust, 0.0.1-alpha.26",
  faults: [
    ACCEPTS_4_MIB,
    { cases: AUTHORITY_CASES, behavior: "Refuses an authority that is not valid in a URL." },
    REQUIRES_HOST_AS_PARENT,
    {
      cases: ["ttl/malformed-seconds-refused"],
      behavior: "Accepts any number of seconds.",
      mend: "Refuse a TTL of more than 315,576,000,000 s.",
    },
    {
      cases: [
        "process/sigterm-exit-code",
        "process/sigterm-finishes-calls",
        "process/sigterm-removes-socket",
      ],
      behavior: "Shuts down cleanly only on SIGINT.",
      mend: "Raise SIGINT on SIGTERM.",
    },
  ],
};

/** The TypeScript SDK in the host's source tree. No test runs it. */
const TYPESCRIPT: Sdk = {
  name: "TypeScript, 1ba54b4c",
  faults: [
    { cases: AUTHORITY_CASES, behavior: "Exits on an authority that is not valid in a URL." },
    { cases: NEGATIVE_TTL_CASES, behavior: "Passes a negative TTL on as 0." },
    {
      cases: ["ttl/below-a-millisecond-expires"],
      behavior: "Rounds a TTL below 1 ms down to 0, which means that the entry never expires.",
    },
    {
      cases: ["ttl/malformed-nanos-refused", "ttl/malformed-signs-refused"],
      behavior: "Accepts any nanoseconds.",
    },
    {
      cases: ["ttl/malformed-seconds-refused"],
      behavior: "Accepts any number of seconds.",
      mend: "Throw a ConnectError above 315,576,000,000,000 ms.",
    },
    {
      cases: ["bounds/accepted-can-be-read"],
      behavior: "Sends replies of any size.",
      mend: "Throw a ConnectError for a value above 4,194,288 bytes.",
    },
    {
      cases: HOST_CASES,
      behavior: "Does not read the host's pid.",
      mend: "Watch the parent and the host with a timer.",
    },
  ],
};

/** What all SDKs do, then each of them, by the names of their languages. */
export const SDKS: readonly Sdk[] = [ALL, GO, PYTHON, RUST, TYPESCRIPT];

/** The cases that a provider on an SDK fails whatever its author does. */
export function expectedFailures({ faults }: Sdk): ReadonlySet<string> {
  return new Set(faults.flatMap(({ cases, mend }) => (mend === undefined ? cases : [])));
}
