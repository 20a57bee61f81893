/**
 * The host's launch record, which it sends as the configuration of an entry that
 * has no `config:` key. A defect of the host; seen in every version so far.
 */

const REQUIRED_KEYS = ["name", "source", "command", "manifestPath"] as const;

const OPTIONAL_KEYS: Readonly<Record<string, (value: unknown) => boolean>> = {
  args: (value) => Array.isArray(value) && value.every(isString),
  env: (value) => isRecord(value) && Object.values(value).every(isString),
  egress: isRecord,
  hostBinary: isString,
};

/** The name in every launch record of a cache: the provider's kind. */
const RECORD_NAME = "cache";

/**
 * True for exactly the launch record: its four keys, nothing but its optional
 * ones beside them, each of its type, and the name `cache` in the request or in
 * the record. Anything else is the operator's and must be judged as such.
 */
export function isHostLaunchRecord(
  requestName: string,
  config: Readonly<Record<string, unknown>>,
): boolean {
  if (requestName !== RECORD_NAME && config["name"] !== RECORD_NAME) return false;
  if (!REQUIRED_KEYS.every((key) => Object.hasOwn(config, key) && isString(config[key]))) {
    return false;
  }
  return Object.entries(config).every(([key, value]) => {
    if ((REQUIRED_KEYS as readonly string[]).includes(key)) return true;
    return Object.hasOwn(OPTIONAL_KEYS, key) && OPTIONAL_KEYS[key]?.(value) === true;
  });
}

function isString(value: unknown): value is string {
  return typeof value === "string";
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
