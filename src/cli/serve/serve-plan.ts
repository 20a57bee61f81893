import { dirname, join, resolve } from "node:path";
import { cacheSocketVariable } from "../../client/binding-environment.js";
import {
  formatListenAddress,
  parseListenAddress,
  type ListenAddress,
} from "../../server/listen/listen-address.js";
import { parseBindingNames } from "../../client/binding-variables.js";
import { UsageError } from "../usage-error.js";

/** A cache to be served. */
export interface PlannedBinding {
  /** Empty for a cache that serves whatever binding is asked for. */
  readonly name: string;
  /** An address at which there is this binding only. */
  readonly address?: ListenAddress;
}

/** What is served, and where. */
export interface ServePlan {
  /** One with an empty name, or one or more with names. */
  readonly bindings: readonly PlannedBinding[];
  /** Where all bindings are served; may be empty when there is just one. */
  readonly shared: readonly ListenAddress[];
}

/**
 * Plans what `--bind` and `--listen` ask for.
 *
 * Without `--bind` there is one cache, for every plugin. With it there is one for
 * each name; the `--listen` addresses serve all of them, and tell them apart by the
 * header of newer hosts. Clients that send none need an address for each binding:
 * what `--bind name=address` says, or a private Unix socket.
 *
 * @param defaultSocket - the private socket of a server that was not told where to listen
 * @throws UsageError for a name or an address that is none, or is there twice
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

/** What a client's variable says to reach an address; a plain path for a Unix socket. */
export function clientTargetFrom(address: ListenAddress): string {
  if (address.kind === "unix") return address.path;
  const host = WILDCARDS.get(address.host) ?? address.host;
  return formatListenAddress({ ...address, host });
}

/** To listen on all addresses of the machine; a client needs one of them. */
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

/** Beside the shared one; named as the variable is, which no two bindings have in common. */
function withAddress(binding: PlannedBinding, defaultSocket: () => string): PlannedBinding {
  if (binding.address !== undefined) return binding;
  const suffix = cacheSocketVariable(binding.name).slice(cacheSocketVariable().length + 1);
  const path = join(dirname(defaultSocket()), `binding-${suffix.toLowerCase()}.sock`);
  return { name: binding.name, address: { kind: "unix", path } };
}

/** Clients may run in another directory than the server. */
function addressFrom(flag: string, text: string): ListenAddress {
  try {
    const address = parseListenAddress(text.trim());
    return address.kind === "unix" ? { kind: "unix", path: resolve(address.path) } : address;
  } catch (error) {
    throw new UsageError(`${flag}: ${error instanceof Error ? error.message : String(error)}`);
  }
}

/** Told by ourselves: "another server is listening" would send people looking for it. */
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
