import net from "node:net";
import tls from "node:tls";

/** Where a provider serves. `tcp` is plaintext HTTP/2. */
export type ProviderTarget =
  | { readonly kind: "unix"; readonly path: string }
  | {
      readonly kind: "tcp" | "tls";
      /** A name or an address; an IPv6 address without brackets. */
      readonly host: string;
      readonly port: number;
    };

/** How a `tls` target is checked, and how the kit authenticates; as `node:tls` takes it. */
export type TargetTlsOptions = Pick<tls.ConnectionOptions, "ca" | "cert" | "key" | "servername">;

/** Opens a socket to a target. The caller limits the time that connecting may take. */
export function connectTarget(target: ProviderTarget, options: TargetTlsOptions): net.Socket {
  if (target.kind === "unix") return net.connect({ path: target.path });
  const { kind, host, port } = target;
  if (kind === "tcp") return net.connect({ host, port, noDelay: true });
  // TLS has no server name for an address; the certificate is then checked by address.
  const servername = net.isIP(host) === 0 ? host : undefined;
  const socket = tls.connect({
    host,
    port,
    ALPNProtocols: ["h2"],
    ...(servername === undefined ? {} : { servername }),
    ...options,
  });
  return socket.setNoDelay(true);
}

/** A target as a URL: `unix:///path`, `tcp://host:port` or `tls://host:port`. */
export function formatTarget(target: ProviderTarget): string {
  if (target.kind === "unix") return `unix://${target.path}`;
  const host = target.host.includes(":") ? `[${target.host}]` : target.host;
  return `${target.kind}://${host}:${target.port}`;
}
