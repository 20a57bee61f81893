const REQUIRED_KEYS: Readonly<Record<string, (value: unknown) => boolean>> = {
  // The entry's name, or the provider's kind, `cache`.
  name: isString,
  // `{path}`, `{url}`, `{githubRelease}`, `{repo, package, version}` or `{}`; text for a scalar.
  source: (value) => isString(value) || isRecord(value),
  command: isString,
  manifestPath: isString,
};

const OPTIONAL_KEYS: typeof REQUIRED_KEYS = {
  args: isStringList,
  env: (value) => isRecord(value) && Object.values(value).every(isString),
  egress: isRecord,
  // Hosts until 27 April 2026, in place of `egress`.
  allowedHosts: isStringList,
  hostBinary: isString,
};

/**
 * Returns true for the host's own launch record, which every host sends as the
 * configuration of an entry without a `config:` key. This is a defect of the host.
 *
 * The record is recognised by its shape: the four required keys, and no others besides the
 * optional ones, each of its type. Anything else is an operator's configuration.
 */
export function isHostLaunchRecord(config: unknown): boolean {
  return (
    isRecord(config) &&
    Object.keys(REQUIRED_KEYS).every((key) => Object.hasOwn(config, key)) &&
    Object.entries(config).every(([key, value]) => checkOf(key)?.(value) === true)
  );
}

/**
 * Returns the operator's configuration in what a host sends: an empty one in place of the host's
 * own launch record.
 */
export function configFromHost(config: Record<string, unknown>): Record<string, unknown> {
  return isHostLaunchRecord(config) ? {} : config;
}

function checkOf(key: string): ((value: unknown) => boolean) | undefined {
  if (Object.hasOwn(REQUIRED_KEYS, key)) return REQUIRED_KEYS[key];
  return Object.hasOwn(OPTIONAL_KEYS, key) ? OPTIONAL_KEYS[key] : undefined;
}

function isString(value: unknown): value is string {
  return typeof value === "string";
}

function isStringList(value: unknown): boolean {
  return Array.isArray(value) && value.every(isString);
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
