import { createHash } from "node:crypto";
import { mkdirSync, mkdtempSync, realpathSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { stringify } from "yaml";
import { compress } from "../../src/release/archive/gzip.js";
import { writeTar } from "../../src/release/archive/tar-archive.js";
import { currentPlatform, formatPlatform } from "../../src/release/build/target-platform.js";
import { repositoryRoot } from "../support/provider-process.js";

/** The providers that a host needs beside the cache: directory, kind, last part of the source. */
const STUBS = [
  ["external-credentials", "external_credentials", "stub"],
  // Hosts know by this name how to give each plugin a part of the storage.
  ["indexeddb", "indexeddb", "relationaldb"],
  ["visits", "plugin", "visits"],
] as const;

const CATALOG = {
  name: "visits",
  operations: [
    {
      id: "roundtrip",
      method: "POST",
      parameters: ["binding", "key", "value"].map((name) => ({ name, type: "string" })),
    },
  ],
};

/**
 * Makes a directory in which every configuration of docs/using-with-gestaltd.md can be
 * served: the providers of {@link STUBS}, each as a package with a manifest and as a
 * release, and a link to this package. The caller removes it.
 */
export async function createHostDirectory(): Promise<string> {
  const directory = realpathSync(mkdtempSync(join(tmpdir(), "gcm-host-")));
  for (const [name, kind, source] of STUBS) {
    const package_ = join(directory, name);
    mkdirSync(package_);
    await writeStub(package_, kind, `github.com/example/providers/${kind}/${source}`);
  }
  symlinkSync(repositoryRoot, join(directory, "gestalt-cache-memory"));
  return directory;
}

async function writeStub(directory: string, kind: string, source: string): Promise<void> {
  const program = join(import.meta.dirname, "stub-provider.mjs");
  const script = `#!/bin/sh\nexec "${process.execPath}" "${program}" ${kind}\n`;
  const { os, arch } = currentPlatform();
  const manifest = {
    kind,
    source,
    version: "0.0.1",
    displayName: "Stub",
    description: "A provider for tests.",
    artifacts: [{ os, arch, path: "provider", sha256: sha256(script) }],
    entrypoint: { artifactPath: "provider" },
    spec: {},
  };
  const files = {
    "catalog.yaml": stringify(CATALOG),
    "manifest.yaml": stringify(manifest),
    provider: script,
  };
  const archive = compress(
    await writeTar(
      Object.entries(files).map(([path, text]) => {
        return { path, bytes: Buffer.from(text), isExecutable: path === "provider" };
      }),
    ),
  );
  const release = {
    schema: "gestaltd-provider-release",
    schemaVersion: 1,
    package: source,
    kind,
    version: "0.0.1",
    runtime: "executable",
    artifacts: {
      [formatPlatform({ os, arch })]: { path: "stub.tar.gz", sha256: sha256(archive) },
    },
  };
  for (const [path, text] of Object.entries(files)) {
    const mode = path === "provider" ? 0o755 : 0o644;
    writeFileSync(join(directory, path), text, { mode });
  }
  writeFileSync(join(directory, "stub.tar.gz"), archive);
  writeFileSync(join(directory, "provider-release.yaml"), stringify(release));
}

function sha256(bytes: string | Uint8Array): string {
  return createHash("sha256").update(bytes).digest("hex");
}
