import { maxRequestBytes, REPLY_ENCODERS, REQUEST_DECODERS } from "./codecs.js";
import type { Cache } from "./gen/gestalt/provider/v1/cache_pb.js";
import type { ProviderLifecycle } from "./gen/gestalt/provider/v1/lifecycle_pb.js";
import type { ProviderImplementations } from "./provider-implementations.js";
import {
  pathOf,
  type ServedMethods,
  type UnaryImplementation,
  type UnaryMethod,
} from "./unary-method.js";

/** The types of a method's request and reply. */
type Messages = readonly [request: string, reply: string];

const EMPTY = "google.protobuf.Empty";

/** The methods of the two services in proto/; a test holds them against the generated code. */
const CACHE: Readonly<Record<keyof typeof Cache.method, Messages>> = {
  get: [of("CacheGetRequest"), of("CacheGetResponse")],
  getMany: [of("CacheGetManyRequest"), of("CacheGetManyResponse")],
  set: [of("CacheSetRequest"), EMPTY],
  setMany: [of("CacheSetManyRequest"), EMPTY],
  delete: [of("CacheDeleteRequest"), of("CacheDeleteResponse")],
  deleteMany: [of("CacheDeleteManyRequest"), of("CacheDeleteManyResponse")],
  touch: [of("CacheTouchRequest"), of("CacheTouchResponse")],
};
const LIFECYCLE: Readonly<Record<keyof typeof ProviderLifecycle.method, Messages>> = {
  getProviderIdentity: [EMPTY, of("ProviderIdentity")],
  configureProvider: [of("ConfigureProviderRequest"), of("ConfigureProviderResponse")],
  healthCheck: [EMPTY, of("HealthCheckResponse")],
  startProvider: [EMPTY, of("StartRuntimeProviderResponse")],
};

/**
 * Returns the methods of a provider for a process that the host waits for. Descriptors, which take
 * a third of the time to start, are loaded only when a client speaks another protocol than gRPC.
 */
export function methodsOfProvider(implementations: ProviderImplementations): ServedMethods {
  const { cache, lifecycle } = implementations;
  const unary = [
    ...methodsOf(of("Cache"), CACHE, cache),
    ...methodsOf(of("ProviderLifecycle"), LIFECYCLE, lifecycle),
  ];
  return {
    unary: new Map(unary.map((method) => [method.path, method])),
    streaming: new Set(),
    loadRoutes: async () => {
      const { providerRoutes } = await import("./provider-services.js");
      return providerRoutes(implementations);
    },
  };
}

function methodsOf(
  service: string,
  methods: Readonly<Record<string, Messages>>,
  implementation: object,
): UnaryMethod[] {
  const implementations = implementation as Readonly<Record<string, UnaryImplementation>>;
  return Object.entries(methods).map(([localName, [requestType, replyType]]) => {
    const path = pathOf(service, `${localName[0]?.toUpperCase() ?? ""}${localName.slice(1)}`);
    const decodeRequest = REQUEST_DECODERS.get(requestType);
    const encodeReply = REPLY_ENCODERS.get(replyType);
    const implement = implementations[localName];
    if (decodeRequest === undefined || encodeReply === undefined || implement === undefined) {
      throw new Error(`a part of ${path} is missing`);
    }
    return {
      path,
      requestType,
      codec: { maxRequestBytes: maxRequestBytes(requestType), decodeRequest, encodeReply },
      implementation: implement,
    };
  });
}

/** Returns the full name of a service or message in proto/. */
function of(name: string): string {
  return `gestalt.provider.v1.${name}`;
}
