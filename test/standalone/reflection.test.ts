import { create, fromBinary, toBinary } from "@bufbuild/protobuf";
import {
  file_google_protobuf_descriptor,
  FileDescriptorProtoSchema,
  FileDescriptorSetSchema,
} from "@bufbuild/protobuf/wkt";
import * as grpc from "@grpc/grpc-js";
import { loadFileDescriptorSetFromBuffer } from "@grpc/proto-loader";
import { expect, onTestFinished, test } from "vitest";
import { DescriptorIndex } from "../../src/standalone/services/descriptor-index.js";
import { until } from "../support/child-process.js";
import { startStreamingCall, type StreamingCall } from "../support/grpc-services.js";
import { serveStandalone } from "../support/standalone.js";

const VERSIONS = [
  "grpc.reflection.v1.ServerReflection",
  "grpc.reflection.v1alpha.ServerReflection",
] as const;

async function startReflection(
  version: (typeof VERSIONS)[number] = VERSIONS[0],
): Promise<StreamingCall & { target: string }> {
  const { target } = await serveStandalone();
  return { ...startStreamingCall(target, version, "ServerReflectionInfo"), target };
}

async function ask(call: StreamingCall, request: object): Promise<Record<string, unknown>> {
  const count = call.replies.length;
  call.send(request);
  await until(() => call.replies.length > count);
  return call.replies[count] ?? {};
}

function filesIn(reply: Record<string, unknown>): Buffer[] {
  return (reply["file_descriptor_response"] as { file_descriptor_proto: Buffer[] })
    .file_descriptor_proto;
}

function namesIn(reply: Record<string, unknown>): string[] {
  return filesIn(reply).map((bytes) => fromBinary(FileDescriptorProtoSchema, bytes).name);
}

const CACHE_FILE = "gestalt/provider/v1/cache.proto";

test.each(VERSIONS)("%s describes the cache completely", async (version) => {
  const reflection = await startReflection(version);
  const listed = await ask(reflection, { list_services: "*" });
  expect(listed["list_services_response"]).toEqual({
    service: [
      { name: "gestalt.provider.v1.Cache" },
      { name: "grpc.health.v1.Health" },
      { name: "grpc.reflection.v1.ServerReflection" },
      { name: "grpc.reflection.v1alpha.ServerReflection" },
    ],
  });

  const found = await ask(reflection, { file_containing_symbol: "gestalt.provider.v1.Cache" });
  const file = filesIn(found).map((bytes) => fromBinary(FileDescriptorProtoSchema, bytes));
  const set = toBinary(FileDescriptorSetSchema, create(FileDescriptorSetSchema, { file }));
  const loaded = grpc.loadPackageDefinition(loadFileDescriptorSetFromBuffer(Buffer.from(set)));
  const { Cache } = (loaded["gestalt"] as { provider: { v1: grpc.GrpcObject } }).provider.v1;
  const client = new (Cache as grpc.ServiceClientConstructor)(
    reflection.target,
    grpc.credentials.createInsecure(),
  );
  onTestFinished(() => client.close());
  type Reply = Record<string, unknown> | undefined;
  const call = (method: string, request: object): Promise<Reply> =>
    new Promise((resolve, reject) => {
      const start = client[method]?.bind(client) as (
        request: object,
        done: (error: Error | null, reply: Reply) => void,
      ) => void;
      start(request, (error, reply) => (error === null ? resolve(reply) : reject(error)));
    });
  await call("Set", { key: "a", value: Buffer.from("1"), ttl: { seconds: 60 } });
  expect(await call("Get", { key: "a" })).toEqual({ found: true, value: Buffer.from("1") });
});

test.each([
  ["a service", "gestalt.provider.v1.Cache"],
  ["a method", "gestalt.provider.v1.Cache.GetMany"],
  ["a message", "gestalt.provider.v1.CacheSetEntry"],
  ["a field", "gestalt.provider.v1.CacheSetEntry.value"],
])("reflection finds the file of %s and its imports", async (_, symbol) => {
  const reply = await ask(await startReflection(), { file_containing_symbol: symbol });
  expect(namesIn(reply)).toEqual([
    CACHE_FILE,
    "google/protobuf/duration.proto",
    "google/protobuf/empty.proto",
  ]);
});

test.each([
  ["an enum", "grpc.health.v1.HealthCheckResponse.ServingStatus"],
  ["an enum's value", "grpc.health.v1.HealthCheckResponse.SERVING"],
  ["a oneof", "grpc.reflection.v1.ServerReflectionRequest.message_request"],
  ["the older reflection", "grpc.reflection.v1alpha.ServerReflection"],
])("reflection finds %s", async (_, symbol) => {
  for (const version of VERSIONS) {
    const reply = await ask(await startReflection(version), { file_containing_symbol: symbol });
    const names = namesIn(reply);
    expect(names).toHaveLength(1);
    const folder = symbol.split(".").slice(0, 3).join("/");
    expect(names[0]).toMatch(new RegExp(`^${folder}/\\w+\\.proto$`));
  }
});

test("reflection finds nested symbols", () => {
  const index = new DescriptorIndex([file_google_protobuf_descriptor]);
  for (const symbol of [
    "google.protobuf.DescriptorProto.ExtensionRange",
    "google.protobuf.DescriptorProto.ExtensionRange.start",
    "google.protobuf.FieldDescriptorProto.Type",
    "google.protobuf.FieldDescriptorProto.TYPE_BOOL",
  ]) {
    expect(index.fileContaining(symbol), symbol).toHaveLength(1);
  }
  expect(index.isMessage("google.protobuf.DescriptorProto.ExtensionRange")).toBe(true);
});

test("reflection finds a file by its name, Google's files included", async () => {
  const reflection = await startReflection();
  const found = await ask(reflection, { file_by_filename: CACHE_FILE });
  expect(namesIn(found)[0]).toBe(CACHE_FILE);
  const name = "google/protobuf/duration.proto";
  expect(namesIn(await ask(reflection, { file_by_filename: name }))).toEqual([name]);
});

test.each([
  [{ file_by_filename: "nope.proto" }, 5, "not found: nope.proto"],
  [{ file_containing_symbol: "gestalt.provider.v1.Cache.Nope" }, 5, "not found: gestalt"],
  // Served under the host only: nobody else learns of it here.
  [{ file_containing_symbol: "gestalt.provider.v1.ProviderLifecycle" }, 5, "not found: gestalt"],
  [{ file_containing_extension: { containing_type: "a.B", extension_number: 7 } }, 5, "7 of a.B"],
  [{ all_extension_numbers_of_type: "a.B" }, 5, "not found: a.B"],
  [{ host: "x" }, 3, "the request has no query"],
])(
  "the reflection request %j receives an error, and the stream stays open",
  async (request, code, text) => {
    for (const version of VERSIONS) {
      const reflection = await startReflection(version);
      const reply = await ask(reflection, request);
      expect(reply["error_response"]).toMatchObject({
        error_code: code,
        error_message: expect.stringContaining(text) as string,
      });
      expect(reply["original_request"]).toMatchObject(request);
      expect(namesIn(await ask(reflection, { file_by_filename: CACHE_FILE }))[0]).toBe(CACHE_FILE);
    }
  },
);

test("reflection lists no extensions of a message", async () => {
  const type = "gestalt.provider.v1.CacheGetRequest";
  const reply = await ask(await startReflection(), { all_extension_numbers_of_type: type });
  expect(reply["all_extension_numbers_response"]).toEqual({
    base_type_name: type,
    extension_number: [],
  });
});

test("a reflection stream ends when its client ends it", async () => {
  const reflection = await startReflection();
  await ask(reflection, { list_services: "" });
  reflection.finish();
  expect((await reflection.ended).code).toBe(0);
});

test.each(VERSIONS)("an open stream of %s does not delay close", async (version) => {
  const { server, target } = await serveStandalone({ limits: { drainTimeoutMs: 60_000 } });
  const call = startStreamingCall(target, version, "ServerReflectionInfo");
  await ask(call, { list_services: "" });
  await server.close();
  expect((await call.ended).code).toBe(0);
});
