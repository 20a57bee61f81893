import type { DescMethodUnary } from "@bufbuild/protobuf";

/** The path of a method: `/package.Service/Method`. */
export function methodPath(method: DescMethodUnary): string {
  return `/${method.parent.typeName}/${method.name}`;
}

/** The headers that every gRPC request has. */
export function requestHeaders(path: string): Readonly<Record<string, string>> {
  return { ":method": "POST", ":path": path, "content-type": "application/grpc", te: "trailers" };
}

/**
 * The header for the deadline of a call. Hosts send one with every call.
 *
 * @param timeoutMs - at most 99,999,999: the header has eight digits
 */
export function deadlineHeader(timeoutMs: number): Readonly<Record<string, string>> {
  return { "grpc-timeout": `${Math.ceil(timeoutMs)}m` };
}
