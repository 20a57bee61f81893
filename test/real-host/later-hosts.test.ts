/**
 * Rules of hosts from June 2026, none of which is available here: what they accept in a
 * manifest, where they expect the executable, and what they compare before they unpack
 * an archive. The other tests hold the files of this package against their own readers;
 * this one against the rules as the hosts' sources state them.
 */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { parse } from "yaml";
import { decompress } from "../../src/release/archive/gzip.js";
import { readTar } from "../../src/release/archive/tar-archive.js";
import { readBuildRequest } from "../../src/release/build/build-request.js";
import { writeSmallRelease } from "../release/small-release.js";
import { repositoryRoot } from "../support/provider-process.js";

type Mapping = Readonly<Record<string, unknown>>;

/** Keys that a source manifest may have, and those of its steps. */
const SOURCE_KEYS = [
  ...["kind", "source", "version", "displayName", "description", "iconFile", "spec"],
  ...["install", "build", "run"],
];
const STEP_KEYS = ["command", "workdir", "inputs", "env"];
/** Keys that only one of the two kinds of manifests may have. */
const SOURCE_ONLY = ["install", "build", "run"];
const ARCHIVE_ONLY = ["entrypoint", "artifacts"];
/** Keys of provider-release.yaml; all are required. */
const METADATA_KEYS = [
  ...["schema", "schemaVersion", "package", "kind", "version", "runtime", "artifacts"],
  "staticValidation",
];

const own = parse(readFileSync(join(repositoryRoot, "manifest.v8.yaml"), "utf8")) as Mapping;
const example = parse(
  readFileSync(join(repositoryRoot, "examples/provider/manifest.yaml"), "utf8"),
) as Mapping;

describe.each([
  ["this package", own],
  ["the example provider", example],
])("the source manifest of %s", (_, manifest) => {
  test("has only keys that later hosts accept, and the build command that they require", () => {
    expect(Object.keys(manifest).filter((key) => !SOURCE_KEYS.includes(key))).toEqual([]);
    expect(Object.keys(manifest["spec"] as object)).toEqual(["configSchemaPath"]);
    expect(manifest).toHaveProperty("build.command");
  });

  test.each(SOURCE_ONLY)("runs %s without a shell, as a list of words", (step) => {
    const { command, ...others } = manifest[step] as { command: string[] };
    expect(Object.keys(others).filter((key) => !STEP_KEYS.includes(key))).toEqual([]);
    expect(command.length).toBeGreaterThan(0);
    for (const word of command) expect(word).toMatch(/^[\w./-]+$/);
  });
});

test("the build writes .gestaltd/bin/<last segment of source>", () => {
  const { outputPath } = readBuildRequest([], {}, repositoryRoot);
  const source = own["source"] as string;
  expect(outputPath).toBe(join(repositoryRoot, ".gestaltd/bin", source.split("/").at(-1) ?? ""));
});

test("the static validation equals the archive's manifest without what archives add", async () => {
  const directory = await writeSmallRelease({ libcs: ["glibc", "musl"] });
  for (const place of ["", "glibc/"]) {
    const text = readFileSync(join(directory, `${place}provider-release.yaml`), "utf8");
    const metadata = parse(text) as Mapping & {
      artifacts: Record<string, { path: string }>;
      staticValidation: { manifest: Mapping };
    };
    expect(Object.keys(metadata).sort()).toEqual([...METADATA_KEYS].sort());
    for (const { path } of Object.values(metadata.artifacts)) {
      const tar = decompress(readFileSync(join(directory, place, path)), 2 ** 30);
      const file = (await readTar(tar)).find((each) => each.path === "manifest.yaml");
      const packed = parse(Buffer.from(file?.bytes ?? []).toString()) as Mapping;
      for (const key of ARCHIVE_ONLY) expect(packed).toHaveProperty(key);
      for (const key of SOURCE_ONLY) expect(packed).not.toHaveProperty(key);
      const { artifacts, entrypoint, iconFile, spec, ...rest } = packed;
      expect([artifacts, entrypoint, iconFile]).not.toContain(undefined);
      const { configSchemaPath, ...specification } = spec as Mapping;
      expect(configSchemaPath).toBe("cache_config.json");
      // The metadata give these three, and the manifest in it inherits them.
      const { kind, package: source, version } = metadata;
      const described = { kind, source, version, ...metadata.staticValidation.manifest };
      expect(described).toEqual({ ...rest, spec: specification });
    }
  }
});
