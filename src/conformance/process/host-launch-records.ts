import type { ProviderConfig } from "../case-context.js";

/**
 * What hosts send in place of a configuration for an entry without a `config:` key:
 * their own launch record. Captured from running hosts, and from their marshaller for
 * every form of `source` that an entry can have.
 */
export const HOST_LAUNCH_RECORDS: readonly ProviderConfig[] = [
  {
    name: "session",
    source: { path: "/srv/gestalt/manifest.yaml" },
    command: "/srv/gestalt/.gestaltd/cache/session/gestalt-plugin-session",
    manifestPath: "/srv/gestalt/.gestaltd/cache/session/manifest.yaml",
  },
  {
    name: "session",
    source: { url: "http://127.0.0.1:8000/provider-release.yaml" },
    command: "/srv/gestalt/.gestaltd/cache/session/gestalt-plugin-memory",
    manifestPath: "/srv/gestalt/.gestaltd/cache/session/manifest.yaml",
  },
  {
    name: "session",
    source: {},
    command: "/srv/gestalt/.gestaltd/cache/session/gestalt-plugin-memory",
    manifestPath: "/srv/gestalt/.gestaltd/cache/session/manifest.yaml",
    env: { A: "b" },
  },
  {
    name: "session",
    source: {},
    command: "/srv/gestalt/.gestaltd/cache/session/gestalt-plugin-session",
    manifestPath: "/srv/gestalt/.gestaltd/cache/session/manifest.yaml",
  },
  {
    name: "session",
    source: { url: "https://example.com/provider-release.yaml" },
    command: "/srv/gestalt/.gestaltd/cache/session/gestalt-plugin-session",
    manifestPath: "/srv/gestalt/.gestaltd/cache/session/manifest.yaml",
  },
  {
    name: "session",
    source: {
      githubRelease: { asset: "provider-release.yaml", repo: "acme/caches", tag: "v1.2.3" },
    },
    command: "/srv/gestalt/.gestaltd/cache/session/gestalt-plugin-session",
    manifestPath: "/srv/gestalt/.gestaltd/cache/session/manifest.yaml",
  },
  {
    name: "session",
    source: { package: "github.com/acme/caches/cache/memory", repo: "acme", version: ">=1.0.0" },
    command: "/srv/gestalt/.gestaltd/cache/session/gestalt-plugin-session",
    manifestPath: "/srv/gestalt/.gestaltd/cache/session/manifest.yaml",
  },
  {
    name: "session",
    source: { package: "github.com/acme/caches/cache/memory", version: "1.2.3" },
    command: "/srv/gestalt/.gestaltd/cache/session/gestalt-plugin-session",
    manifestPath: "/srv/gestalt/.gestaltd/cache/session/manifest.yaml",
  },
  {
    name: "session",
    source: { path: "/srv/gestalt/manifest.yaml" },
    command: "/srv/gestalt/.gestaltd/cache/session/gestalt-plugin-session",
    env: { A: "b", N: "1" },
    egress: { allowedHosts: ["example.com"] },
    hostBinary: "/usr/local/bin/gestaltd",
    manifestPath: "/srv/gestalt/.gestaltd/cache/session/manifest.yaml",
  },
  {
    name: "session",
    source: { path: "/srv/gestalt/manifest.yaml" },
    command: "/srv/gestalt/.gestaltd/cache/session/gestalt-plugin-session",
    egress: {},
    hostBinary: "/usr/local/bin/gestaltd",
    manifestPath: "/srv/gestalt/.gestaltd/cache/session/manifest.yaml",
  },
  {
    name: "session",
    source: {},
    command: "/srv/gestalt/.gestaltd/cache/session/gestalt-plugin-session",
    args: ["--binding", "session"],
    manifestPath: "/srv/gestalt/.gestaltd/cache/session/manifest.yaml",
  },
  {
    name: "session",
    source: { path: "/srv/gestalt/manifest.yaml" },
    command: "/srv/gestalt/.gestaltd/cache/session/gestalt-plugin-session",
    env: { A: "b", N: "1" },
    allowedHosts: ["example.com"],
    hostBinary: "/usr/local/bin/gestaltd",
    manifestPath: "/srv/gestalt/.gestaltd/cache/session/manifest.yaml",
  },
];
