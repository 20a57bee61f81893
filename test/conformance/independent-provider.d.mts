import type { Server } from "@grpc/grpc-js";

export interface Parts {
  configured: object | undefined;
  readonly cache: Record<string, (request: object) => unknown>;
  readonly lifecycle: Record<string, (request: object) => unknown>;
}
export function createParts(): Parts;
export function createServer(parts: Parts): Server;
export function bind(server: Server, address: string): Promise<void>;
