import { createClient, type Client, type Interceptor } from "@connectrpc/connect";
import { createConnectTransport } from "@connectrpc/connect-web";
import { Cache } from "../../../rpc/gen/gestalt/provider/v1/cache_pb.js";
import { Control } from "../../../rpc/gen/gestalt_cache_memory/v1/control_pb.js";
import { StatisticsService } from "../../../rpc/gen/gestalt_cache_memory/v1/statistics_pb.js";
import { HOST_BINDING_HEADER } from "../../../rpc/host-headers.js";

/** The services of one binding. */
export interface CacheApi {
  readonly cache: Client<typeof Cache>;
  readonly control: Client<typeof Control>;
  readonly statistics: Client<typeof StatisticsService>;
}

/** Clients that send the session and the binding with each call. */
export function createCacheApi(session: string, binding: string): CacheApi {
  const identify: Interceptor = (next) => (request) => {
    request.header.set("authorization", `Bearer ${session}`);
    if (binding !== "") request.header.set(HOST_BINDING_HEADER, binding);
    return next(request);
  };
  const transport = createConnectTransport({
    baseUrl: location.origin,
    useBinaryFormat: true,
    interceptors: [identify],
  });
  return {
    cache: createClient(Cache, transport),
    control: createClient(Control, transport),
    statistics: createClient(StatisticsService, transport),
  };
}
