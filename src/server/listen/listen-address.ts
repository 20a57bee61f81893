import { formatAddress, parseAddress, type Address } from "../../contract/address.js";
import { ListenError } from "./listen-error.js";

/** The address of a server. With port 0 the system chooses a free port. */
export type ListenAddress = Address;

/** Where a server listens without TLS. */
export type PlainListenAddress =
  | { readonly kind: "unix"; readonly path: string }
  | { readonly kind: "tcp"; readonly host: string; readonly port: number };

/**
 * Reads `unix:///path`, an absolute path, `tcp://host:port` or `tls://host:port`. Port 0 lets the
 * system choose a free port.
 *
 * @throws ListenError for any other text
 */
export function parseListenAddress(text: string): ListenAddress {
  return parseAddress(text, 0, (problem) => {
    throw new ListenError(problem);
  });
}

/** Returns an address as {@link parseListenAddress} reads it and clients take it. */
export const formatListenAddress: (address: ListenAddress) => string = formatAddress;
