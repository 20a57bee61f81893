import { readdirSync, readFileSync } from "node:fs";
import { dirname, join, relative } from "node:path";
import { describe, expect, test } from "vitest";

const SRC = join(import.meta.dirname, "../src");

/** The entry points, and the file that every room may read: files directly in `src`. */
const ENTRY_POINTS = ".";

/**
 * Which rooms a room may import, besides itself. A room is a folder of `src`, or a folder of
 * `src/server`. The order is the order of the layers: a room imports only rooms above it.
 */
const MAY_IMPORT: Record<string, readonly string[]> = {
  contract: [],
  memory: ["contract"],
  redis: ["contract", "memory"],
  rpc: ["contract"],
  client: ["contract", "rpc"],
  "server/listen": ["contract"],
  "server/limits": ["contract", "rpc"],
  "server/grpc": ["contract", "rpc", "server/limits"],
  "server/connect": ["contract", "rpc", "server/limits", "server/listen", "server/grpc"],
  server: ["contract", "rpc", "server/listen", "server/limits", "server/grpc", "server/connect"],
  host: ["contract", "rpc", "server", "server/limits"],
  standalone: [
    "contract",
    "memory",
    "redis",
    "rpc",
    "client",
    "server/listen",
    "server/limits",
    "server/grpc",
    "server/connect",
    "server",
  ],
  conformance: ["contract", "rpc"],
  release: [],
};

/** Packages that only some rooms may import, so that the others do not depend on them. */
const AT_HOME: readonly (readonly [module: RegExp, rooms: readonly string[]])[] = [
  [
    /^(node:(http2?|net|tls)|@connectrpc\/connect-node)$/,
    ["server", "standalone", "client", "conformance", "cli"],
  ],
  [/^lru-cache$/, ["memory"]],
  [/^@redis\/client$/, ["redis"]],
  [/^ajv/, ["release"]],
  [/^(commander|yaml)$/, ["cli", "release"]],
];

interface Import {
  readonly file: string;
  readonly room: string;
  readonly specifier: string;
}

function roomOf(file: string): string {
  const [room = "", inner = "", ...rest] = file.split("/");
  if (inner === "") return ENTRY_POINTS;
  return room === "server" && rest.length > 0 ? `${room}/${inner}` : room;
}

function importsOf(path: string): Import[] {
  const file = relative(SRC, path);
  const source = readFileSync(path, "utf8");
  const found = source.matchAll(/(?:\bfrom|^import|\bimport\()\s*["']([^"']+)["']/gm);
  return [...found].map(([, specifier = ""]) => ({ file, room: roomOf(file), specifier }));
}

const files = readdirSync(SRC, { recursive: true, encoding: "utf8" }).filter(
  (file) => file.endsWith(".ts") && !file.startsWith("rpc/gen/"),
);
const imports = files.flatMap((file) => importsOf(join(SRC, file)));

function targetOf({ file, specifier }: Import): string {
  return relative(SRC, join(SRC, dirname(file), specifier));
}

const show = ({ file, specifier }: Import): string => `${file} imports ${specifier}`;

test("every folder has a rule", () => {
  const rooms = new Set(files.map(roomOf));
  const exempt = [ENTRY_POINTS, "cli"];
  expect([...rooms].sort()).toEqual([...Object.keys(MAY_IMPORT), ...exempt].sort());
  expect(imports.length).toBeGreaterThan(100);
});

describe.each(Object.entries(MAY_IMPORT))("%s", (room, allowed) => {
  const names = allowed.length === 0 ? "no other room" : `only ${allowed.join(", ")}`;
  test(`imports ${names}`, () => {
    const isAllowed = (target: string): boolean =>
      target === "version.js" || [room, ...allowed].includes(roomOf(target));
    const wrong = imports
      .filter((each) => each.room === room && each.specifier.startsWith("."))
      .filter((each) => !isAllowed(targetOf(each)));
    expect(wrong.map(show)).toEqual([]);
  });
});

test("conformance imports nothing of rpc but generated code", () => {
  const wrong = imports.filter(
    (each) =>
      each.room === "conformance" &&
      each.specifier.startsWith(".") &&
      targetOf(each).startsWith("rpc/") &&
      !targetOf(each).startsWith("rpc/gen/"),
  );
  expect(wrong.map(show)).toEqual([]);
});

test("no room imports the command line", () => {
  const wrong = imports.filter(
    (each) =>
      each.specifier.startsWith(".") && each.room !== "cli" && roomOf(targetOf(each)) === "cli",
  );
  expect(wrong.map(show)).toEqual([]);
});

test.each(AT_HOME)("%s is imported only by %j", (module, rooms) => {
  const wrong = imports.filter(
    ({ room, specifier }) =>
      module.test(specifier) && !rooms.includes(room.split("/")[0] ?? ENTRY_POINTS),
  );
  expect(wrong.map(show)).toEqual([]);
});

test("a test that runs a sample has a name by which the suite long finds it", () => {
  const paths = readdirSync(import.meta.dirname, { recursive: true, encoding: "utf8" });
  const asking = paths.filter(
    (path) =>
      path.endsWith(".test.ts") &&
      /from "[./]*support\/sample\.js"/.test(readFileSync(join(import.meta.dirname, path), "utf8")),
  );
  expect(asking.length).toBeGreaterThan(0);
  expect(asking.filter((path) => !path.endsWith(".sampled.test.ts"))).toEqual([]);
});
