import { formatListenAddress, type ListenAddress } from "../../server/listen/listen-address.js";
import { UsageError } from "../usage-error.js";

/** Hosts that only this machine can reach. */
const LOOPBACK_HOST = /^(localhost|127(\.\d{1,3}){3}|::1)$/i;

/** How clients must authenticate. */
export interface Credentials {
  readonly hasToken: boolean;
  /** True when `tls` addresses require client certificates. */
  readonly hasClientAuthority: boolean;
}

/**
 * Fails for an address that other machines can reach without authentication, unless the user
 * permits it.
 *
 * @throws UsageError that names the address and the ways out
 */
export function assertAuthenticated(
  addresses: readonly ListenAddress[],
  { hasToken, hasClientAuthority }: Credentials,
  isPermitted: boolean,
): void {
  if (hasToken || isPermitted) return;
  for (const address of addresses) {
    if (!isExposed(address) || (address.kind === "tls" && hasClientAuthority)) continue;
    const text = formatListenAddress(address);
    throw new UsageError(
      `${text} would be open to other machines; add --token-file or --insecure-no-token, ` +
        "or use a loopback address such as 127.0.0.1",
    );
  }
}

/** Warnings about addresses that other machines can reach. */
export function exposureWarnings(
  addresses: readonly ListenAddress[],
  { hasToken, hasClientAuthority }: Credentials,
): string[] {
  return addresses.filter(isExposed).flatMap((address) => {
    const text = formatListenAddress(address);
    const isTls = address.kind === "tls";
    if (!hasToken && !(isTls && hasClientAuthority)) {
      return [`${text}: anyone who can connect can read and change all entries; use --token-file`];
    }
    if (!isTls) return [`${text}: the token and all values are sent unencrypted; use tls://`];
    return [];
  });
}

function isExposed(address: ListenAddress): boolean {
  return address.kind !== "unix" && !LOOPBACK_HOST.test(address.host);
}
