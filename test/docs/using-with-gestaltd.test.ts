import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { parse } from "yaml";
import { parseMemoryCacheConfig } from "../../src/memory/config/memory-cache-config.js";
import { repositoryRoot } from "../support/provider-process.js";
import { documentedPages, fencedBlocks } from "./fenced-blocks.js";

interface HostConfiguration {
  readonly providers?: {
    readonly cache?: Readonly<
      Record<string, { source: string | { path: string }; config?: object }>
    >;
  };
}

const snippets = documentedPages().flatMap((page) => fencedBlocks(page, ["yaml"]));

test("the pages contain host configurations", () => {
  expect(snippets.length).toBeGreaterThanOrEqual(4);
});

test.each(snippets)(
  "$page:$line is YAML, and the configuration of its caches is valid",
  (block) => {
    const { providers } = parse(block.text) as HostConfiguration;
    for (const { source, config } of Object.values(providers?.cache ?? {})) {
      const file = typeof source === "string" ? source : source.path;
      expect(file).toMatch(/\/(manifest(\.v8)?|provider-release)\.yaml$/);
      expect(parseMemoryCacheConfig({ ...config })).toBeDefined();
    }
  },
);

/** Where each message comes from: a piece of this project's text, or the host, bun or the system. */
const MESSAGES: Readonly<Record<string, string | undefined>> = {
  "apiVersion is required": undefined,
  'unsupported apiVersion "gestaltd.config/v5"': undefined,
  "field build not found in type providermanifestv1.Manifest": undefined,
  "hash binary: open .gestaltd/cache/…: no such file or directory": undefined,
  "source.path must reference provider-release.yaml metadata": undefined,
  "hosted runtime cannot provide host service access required by this provider": undefined,
  "additional properties 'maxByte' not allowed": undefined,
  'metadata source digest mismatch for cache "session": got …, want …': undefined,
  'no archive for platform linux/amd64 for cache "session"': undefined,
  "spec config schema path must be normalized": undefined,
  "detect Bun executable: executable file not found in $PATH": undefined,
  "bun: not found": undefined,
  "TypeScript release build: exit status 1": undefined,
  "could not resolve": undefined,
  ConnectionClosed: undefined,
  "fork/exec …: no such file or directory": undefined,
  "not found": undefined,
  "required file not found": undefined,
  "Killed: 9": undefined,
  "sha256 mismatch": undefined,
  "is not what it was when its checksum was written": "is not what it was when its checksum was",
  "invalid config: /maxByte: unknown key; did you mean maxBytes?": ": unknown key; ",
  "host speaks protocol version 6, this provider speaks 2 to 5": "host speaks protocol version ",
  "not configured": '"not configured"',
  'entry too large: key "…" …': "entry too large: key ",
  "reply would be … bytes, the limit is 4194304: …": "bytes, the limit is ",
  "another server is listening on …": "another server is listening on ",
  "this is a cache provider; it is started by gestaltd": "this is a cache provider; it is started",
  "GESTALT_CACHE_SOCKET_SESSION is not set": " is not set",
};

describe("troubleshooting by message", () => {
  const page = readFileSync(join(repositoryRoot, "docs/using-with-gestaltd.md"), "utf8");
  const [, section = ""] = page.split("## Troubleshooting\n");
  const quoted = [...section.matchAll(/^### .*$/gm)].flatMap(([heading]) =>
    [...heading.matchAll(/`([^`]+)`/g)].map(([, message = ""]) => message),
  );
  const sources = readdirSync(join(repositoryRoot, "src"), { recursive: true, encoding: "utf8" })
    .filter((file) => file.endsWith(".ts"))
    .map((file) => readFileSync(join(repositoryRoot, "src", file), "utf8"))
    .join("\n");

  test("the test knows every message of the page", () => {
    expect(quoted).toEqual(Object.keys(MESSAGES));
  });

  test.each(Object.entries(MESSAGES).filter(([, piece]) => piece !== undefined))(
    "%s is a message of this program",
    (_, piece = "") => {
      expect(sources).toContain(piece);
    },
  );
});
