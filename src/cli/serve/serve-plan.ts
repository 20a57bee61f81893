import { dirname, join } from "node:path";
import { cacheSocketVariable } from "../../client/binding-environment.js";
import {
  formatListenAddress,
  parseListenAddress,
  type ListenAddress,
} from "../../server/listen/listen-address.js";
import { parseBindingNames } from "../../client/binding-variables.js";
import { absolutePath } from "../absolute-path.js";
import { UsageError } from "../usage-error.js";

/** A cache to serve. */
export interface PlannedBinding {
  /** The name of the binding; empty for a cache that serves any binding. */
  readonly name: string;
  /** An address that serves only this binding. */
  readonly address?: ListenAddress;
}

/** The caches to serve, and their addresses. */
export interface ServePlan {
  /** One binding with an empty name, or one or more with names. */
  readonly bindings: readonly PlannedBinding[];
  /** The addresses that serve all bindings. May be empty if there is only one binding. */
  readonly shared: readonly ListenAddress[];
}

/**
 * Plans the caches and addresses of `serve` from `--bind` and `--listen`.
 *
 * Without `--bind` there is one cache for any binding. With `--bind` there is one cache for each
 * name, and the `--listen` addresses serve all of them: a call names its binding in the header of
 * newer hosts. Clients without that header need an address for each binding: the one of
 * `--bind name=address`, or a private Unix socket.
 *
 * @param defaultSocket - creates the path of the private default socket
 * @throws UsageError for an invalid or repeated name or address
 */
export function planServe(
  flags: { readonly listen?: readonly string[]; readonly bind?: readonly string[] },
  defaultSocket: () => string,
): ServePlan {
  const listen = (flags.listen ?? []).map((text) => addressFrom("--listen", text));
  const bindings = bindingsFrom(flags.bind ?? []);
  const [only] = bindings;
  const defaultAddress = (): ListenAddress => ({ kind: "unix", path: defaultSocket() });
  const isServedAlone = bindings.length === 1 && only?.address !== undefined;
  const shared = listen.length > 0 || isServedAlone ? listen : [defaultAddress()];

  const plan =
    bindings.length === 0
      ? { bindings: [{ name: "" }], shared }
      : bindings.length === 1
        ? { bindings, shared }
        : { bindings: bindings.map((each) => withAddress(each, defaultSocket)), shared };
  assertDifferent([...shared, ...plan.bindings.flatMap(({ address }) => address ?? [])]);
  return plan;
}

/** The target by which a client reaches an address; a plain path for a Unix socket. */
export function clientTargetFrom(address: ListenAddress): string {
  if (address.kind === "unix") return address.path;
  const host = WILDCARDS.get(address.host) ?? address.host;
  return formatListenAddress({ ...address, host });
}

/** Addresses for all interfaces, with the address that a local client connects to. */
const WILDCARDS = new Map([
  ["0.0.0.0", "127.0.0.1"],
  ["::", "::1"],
]);

function bindingsFrom(texts: readonly string[]): readonly PlannedBinding[] {
  const addresses = texts.map((text) => {
    const separator = text.indexOf("=");
    return separator < 0 ? undefined : addressFrom("--bind", text.slice(separator + 1));
  });
  const names = bindingNamesFrom(texts.map((text) => text.split("=", 1)[0] ?? ""));
  return names.map((name, index) => {
    const address = addresses[index];
    return address === undefined ? { name } : { name, address };
  });
}

function bindingNamesFrom(names: readonly string[]): readonly string[] {
  try {
    return parseBindingNames(names);
  } catch (error) {
    throw new UsageError(`--bind: ${error instanceof Error ? error.message : String(error)}`);
  }
}

/** Adds a private socket, named after the variable of the binding, which is unique. */
function withAddress(binding: PlannedBinding, defaultSocket: () => string): PlannedBinding {
  if (binding.address !== undefined) return binding;
  const suffix = cacheSocketVariable(binding.name).slice(cacheSocketVariable().length + 1);
  const path = join(dirname(defaultSocket()), `binding-${suffix.toLowerCase()}.sock`);
  return { name: binding.name, address: { kind: "unix", path } };
}

/** Reads an address. A socket path becomes absolute, since clients may run in another directory. */
function addressFrom(flag: string, text: string): ListenAddress {
  try {
    const address = parseListenAddress(text.trim());
    return address.kind === "unix" ? { kind: "unix", path: absolutePath(address.path) } : address;
  } catch (error) {
    throw new UsageError(`${flag}: ${error instanceof Error ? error.message : String(error)}`);
  }
}

/** Without this check, the second use would fail with "another server is listening". */
function assertDifferent(addresses: readonly ListenAddress[]): void {
  const seen = new Set<string>();
  for (const address of addresses) {
    const isAnyPort = address.kind !== "unix" && address.port === 0;
    const text =
      address.kind === "unix" ? address.path : `${address.host}:${address.port}`.toLowerCase();
    if (isAnyPort) continue;
    if (seen.has(text)) throw new UsageError(`${formatListenAddress(address)} is given twice`);
    seen.add(text);
  }
}
