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

/** The methods of the two services in proto/. A test compares them with the generated code. */
const CACHE: Readonly<Record<keyof typeof Cache.method, Messages>> = {
  get: [fullName("CacheGetRequest"), fullName("CacheGetResponse")],
  getMany: [fullName("CacheGetManyRequest"), fullName("CacheGetManyResponse")],
  set: [fullName("CacheSetRequest"), EMPTY],
  setMany: [fullName("CacheSetManyRequest"), EMPTY],
  delete: [fullName("CacheDeleteRequest"), fullName("CacheDeleteResponse")],
  deleteMany: [fullName("CacheDeleteManyRequest"), fullName("CacheDeleteManyResponse")],
  touch: [fullName("CacheTouchRequest"), fullName("CacheTouchResponse")],
};
const LIFECYCLE: Readonly<Record<keyof typeof ProviderLifecycle.method, Messages>> = {
  getProviderIdentity: [EMPTY, fullName("ProviderIdentity")],
  configureProvider: [fullName("ConfigureProviderRequest"), fullName("ConfigureProviderResponse")],
  healthCheck: [EMPTY, fullName("HealthCheckResponse")],
  startProvider: [EMPTY, fullName("StartRuntimeProviderResponse")],
};

/**
 * Returns the methods of a provider for a process whose host waits for it: it builds no
 * descriptors, see codecs.ts. They are loaded when a client speaks another protocol than gRPC.
 */
export function methodsOfProvider(implementations: ProviderImplementations): ServedMethods {
  const { cache, lifecycle, copiesValues } = implementations;
  const unary = [
    ...methodsOf(fullName("Cache"), CACHE, cache).map((method) => ({ ...method, copiesValues })),
    ...methodsOf(fullName("ProviderLifecycle"), LIFECYCLE, lifecycle),
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
      throw new Error(`${path} has no codec or no implementation`);
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
function fullName(name: string): string {
  return `gestalt.provider.v1.${name}`;
}
