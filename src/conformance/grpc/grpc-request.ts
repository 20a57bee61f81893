import type { DescMethodUnary } from "@bufbuild/protobuf";

/** The path of a method: `/package.Service/Method`. */
export function methodPath(method: DescMethodUnary): string {
  return `/${method.parent.typeName}/${method.name}`;
}

/** The headers that every gRPC request has. */
export function requestHeaders(path: string): Readonly<Record<string, string>> {
  return { ":method": "POST", ":path": path, "content-type": "application/grpc", te: "trailers" };
}
