import { formatListenAddress, type ListenAddress } from "../../server/listen/listen-address.js";
import { UsageError } from "../usage-error.js";

/** Hosts that only this machine can reach. */
const LOOPBACK_HOST = /^(localhost|127(\.\d{1,3}){3}|::1)$/i;

/** By what clients have to prove who they are. */
export interface Credentials {
  readonly hasToken: boolean;
  /** Certificates, which only `tls` addresses can ask for. */
  readonly hasClientAuthority: boolean;
}

/**
 * Refuses addresses that other machines can reach and where clients would not have
 * to prove who they are, unless that is what the user wants.
 *
 * @throws UsageError naming the address and what to do
 */
export function assertExposedOnPurpose(
  addresses: readonly ListenAddress[],
  { hasToken, hasClientAuthority }: Credentials,
  isOnPurpose: boolean,
): void {
  if (hasToken || isOnPurpose) return;
  for (const address of addresses) {
    if (!isExposed(address) || (address.kind === "tls" && hasClientAuthority)) continue;
    const text = formatListenAddress(address);
    throw new UsageError(
      `${text} would be open to other machines; add --token-file (or --insecure-no-token), ` +
        "or use a loopback address such as 127.0.0.1",
    );
  }
}

/** What is to be said of addresses that other machines can reach. */
export function exposureWarnings(
  addresses: readonly ListenAddress[],
  { hasToken, hasClientAuthority }: Credentials,
): string[] {
  return addresses.filter(isExposed).flatMap((address) => {
    const text = formatListenAddress(address);
    const isTls = address.kind === "tls";
    if (!hasToken && !(isTls && hasClientAuthority)) {
      return [`${text}: whoever can connect can read and change everything`];
    }
    if (!isTls) return [`${text}: token and values travel unencrypted; tls:// would not let them`];
    return [];
  });
}

function isExposed(address: ListenAddress): boolean {
  return address.kind !== "unix" && !LOOPBACK_HOST.test(address.host);
}
