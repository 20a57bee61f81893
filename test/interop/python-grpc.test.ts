import { execFile, spawnSync } from "node:child_process";
import { join } from "node:path";
import { promisify } from "node:util";
import { create, fromBinary, toBinary } from "@bufbuild/protobuf";
import { describe, expect, test } from "vitest";
import {
  CacheGetRequestSchema,
  CacheGetResponseSchema,
  CacheSetRequestSchema,
} from "../../src/rpc/gen/gestalt/provider/v1/cache_pb.js";
import { reducedEnvironment } from "../support/child-process.js";
import { startProvider } from "../support/provider-process.js";
import { startServe } from "../support/serve-process.js";
import { createTestCertificate } from "../support/test-certificate.js";

const run = promisify(execFile);

/** GESTALT_TEST_PYTHON names a Python with grpcio, such as that of a virtual environment. */
const python = process.env["GESTALT_TEST_PYTHON"] ?? "python3";
const found = spawnSync(python, ["-c", "import grpc; print(grpc.__version__)"], {
  encoding: "utf8",
});
const version = found.status === 0 ? found.stdout.trim() : undefined;

interface Call {
  readonly method: string;
  readonly request: string;
  readonly metadata?: Readonly<Record<string, string>>;
  readonly stream?: boolean;
}

interface Outcome {
  readonly code: string;
  readonly reply?: string;
  readonly details?: string;
}

/** The outcomes of calls on one channel of Python's gRPC. */
async function call(target: string, calls: readonly Call[], ca?: string): Promise<Outcome[]> {
  const asked = JSON.stringify({ target, calls, ...(ca === undefined ? {} : { ca }) });
  const script = join(import.meta.dirname, "python-client.py");
  const { stdout } = await run(python, [script, asked], { env: reducedEnvironment() });
  return JSON.parse(stdout) as Outcome[];
}

const base64 = (bytes: Uint8Array): string => Buffer.from(bytes).toString("base64");
const EMPTY = "";
const SET: Call = {
  method: "/gestalt.provider.v1.Cache/Set",
  request: base64(
    toBinary(
      CacheSetRequestSchema,
      create(CacheSetRequestSchema, { key: "é", value: new Uint8Array([0, 255]) }),
    ),
  ),
};
const GET: Call = {
  method: "/gestalt.provider.v1.Cache/Get",
  request: base64(toBinary(CacheGetRequestSchema, create(CacheGetRequestSchema, { key: "é" }))),
};
const SERVING = base64(new Uint8Array([8, 1]));

function valueIn(outcome: Outcome | undefined): number[] {
  const reply = Buffer.from(outcome?.reply ?? "", "base64");
  return [...fromBinary(CacheGetResponseSchema, reply).value];
}

// Python's gRPC is the C++ one, which sends the escaped path of a Unix socket as :authority.
const why = version === undefined ? `skipped: ${python} has no grpcio` : `grpcio ${version}`;
describe.skipIf(version === undefined)(`Python (${why})`, () => {
  test("calls a provider under the host", async () => {
    const { socketPath } = await startProvider();
    const configure = "/gestalt.provider.v1.ProviderLifecycle/ConfigureProvider";
    // { protocol_version: 3 }
    const request = base64(new Uint8Array([24, 3]));
    const outcomes = await call(`unix:${socketPath}`, [{ method: configure, request }, SET, GET]);
    expect(outcomes.map(({ code }) => code)).toEqual(["OK", "OK", "OK"]);
    expect(valueIn(outcomes[2])).toEqual([0, 255]);
  });

  test("calls serve on a Unix socket, and streams its health", async () => {
    const { target } = await startServe();
    const watch = { method: "/grpc.health.v1.Health/Watch", request: EMPTY, stream: true };
    const check = { method: "/grpc.health.v1.Health/Check", request: EMPTY };
    const outcomes = await call(`unix:${target}`, [SET, GET, check, watch]);
    expect(outcomes.map(({ code }) => code)).toEqual(["OK", "OK", "OK", "OK"]);
    expect(valueIn(outcomes[1])).toEqual([0, 255]);
    expect([outcomes[2]?.reply, outcomes[3]?.reply]).toEqual([SERVING, SERVING]);
  });

  test("calls serve over TLS with a token", async () => {
    const { certificatePath, keyPath } = createTestCertificate();
    const { target } = await startServe([
      ...["--listen", "tls://127.0.0.1:0", "--token", "s3cret"],
      ...["--tls-cert", certificatePath, "--tls-key", keyPath],
    ]);
    const metadata = { "x-gestalt-host-service-relay-token": "s3cret" };
    const address = target.replace("tls://127.0.0.1", "localhost");
    const outcomes = await call(address, [GET, { ...GET, metadata }], certificatePath);
    expect(outcomes.map(({ code }) => code)).toEqual(["UNAUTHENTICATED", "OK"]);
    const [stranger] = await call(
      address,
      [{ ...GET, metadata }],
      createTestCertificate().certificatePath,
    );
    expect(stranger?.code).toBe("UNAVAILABLE");
  });

  test("finds serve over TLS by its export lines", async () => {
    const { certificatePath, keyPath } = createTestCertificate();
    const { target, exported } = await startServe([
      ...["--listen", "tls://127.0.0.1:0", "--tls-cert", certificatePath, "--tls-key", keyPath],
    ]);
    const asked = { target: target.replace("tls://", ""), tls: true, calls: [GET] };
    const outcomeWith = async (env: Readonly<Record<string, string>>): Promise<unknown> => {
      const script = join(import.meta.dirname, "python-client.py");
      const options = { env: { ...reducedEnvironment(), ...env } };
      const { stdout } = await run(python, [script, JSON.stringify(asked)], options);
      return (JSON.parse(stdout) as Outcome[])[0]?.code;
    };
    expect(await outcomeWith(exported)).toBe("OK");
    expect(await outcomeWith({})).toBe("UNAVAILABLE");
  });
});
