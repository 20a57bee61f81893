import type { IncomingHttpHeaders } from "node:http";

/** Returns a request's headers as `Headers`, without the pseudo-headers of HTTP/2. */
export function webHeadersFrom(headers: IncomingHttpHeaders): Headers {
  const result = new Headers();
  for (const [name, value] of Object.entries(headers)) {
    if (name.startsWith(":") || value === undefined) continue;
    for (const each of Array.isArray(value) ? value : [value]) result.append(name, each);
  }
  return result;
}
