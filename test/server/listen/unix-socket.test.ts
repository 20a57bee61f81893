import { fork } from "node:child_process";
import { existsSync, mkdirSync, readdirSync, readFileSync, statSync } from "node:fs";
import { rmSync, symlinkSync, writeFileSync } from "node:fs";
import { connect, createServer, type Server } from "node:net";
import { dirname, join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { listenOnUnixSocket } from "../../../src/server/listen/unix-socket.js";
import { tempDirectory, tempSocketPath } from "../../support/temp-directory.js";

function server(): Server {
  const made = createServer((socket) => socket.end());
  onTestFinished(() => void made.close());
  return made;
}

/** Leaves the socket file of a process that was killed. */
async function leaveStaleSocket(path: string): Promise<void> {
  const script = `require("net").createServer().listen(${JSON.stringify(path)},()=>process.send(1))`;
  const scriptPath = join(tempDirectory(), "listen.cjs");
  writeFileSync(scriptPath, script);
  const child = fork(scriptPath);
  await new Promise((resolve) => child.once("message", resolve));
  const exited = new Promise((resolve) => child.once("exit", resolve));
  child.kill("SIGKILL");
  await exited;
}

function canConnect(path: string): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(path);
    socket.once("connect", () => {
      socket.destroy();
      resolve(true);
    });
    socket.once("error", () => resolve(false));
  });
}

test("the socket file is private, accepts at once, and is removed on release", async () => {
  const path = tempSocketPath();
  const umask = process.umask(0);
  onTestFinished(() => void process.umask(umask));
  const { release } = await listenOnUnixSocket(server(), path);
  expect(process.umask(0)).toBe(0);
  expect(statSync(path).mode & 0o777).toBe(0o600);
  expect(readdirSync(dirname(path))).toEqual(["x.sock"]);
  expect(await canConnect(path)).toBe(true);
  release();
  expect(existsSync(path)).toBe(false);
  release();
});

test("a connection succeeds as soon as the file exists", async () => {
  const path = tempSocketPath();
  const listening = listenOnUnixSocket(server(), path);
  while (!existsSync(path)) await new Promise((resolve) => setImmediate(resolve));
  expect(statSync(path).mode & 0o777).toBe(0o600);
  expect(await canConnect(path)).toBe(true);
  await listening;
});

test("a path of 103 bytes works, and one of 104 bytes is refused", async () => {
  const directory = tempDirectory();
  const pathOf = (bytes: number): string =>
    join(directory, "é".padEnd(bytes - Buffer.byteLength(directory) - 2, "x"));
  await listenOnUnixSocket(server(), pathOf(103));
  expect(Buffer.byteLength(pathOf(103))).toBe(103);
  await expect(listenOnUnixSocket(server(), pathOf(104))).rejects.toThrow(
    "socket path is 104 bytes long, the limit is 103",
  );
  expect(readdirSync(directory)).toHaveLength(1);
});

test("a short name works in a directory with a long path", async () => {
  const parent = tempDirectory();
  const directory = join(parent, "d".repeat(103 - 2 - Buffer.byteLength(parent) - 1));
  mkdirSync(directory);
  const path = join(directory, "s");
  expect(Buffer.byteLength(path)).toBe(103);
  const { release } = await listenOnUnixSocket(server(), path);
  expect(statSync(path).mode & 0o777).toBe(0o600);
  release();
  expect(readdirSync(directory)).toEqual([]);
});

test("a stale socket is replaced", async () => {
  const path = tempSocketPath();
  await leaveStaleSocket(path);
  expect(statSync(path).isSocket()).toBe(true);
  await listenOnUnixSocket(server(), path);
  expect(await canConnect(path)).toBe(true);
});

test("a socket with a listener is refused and stays", async () => {
  const path = tempSocketPath();
  const first = await listenOnUnixSocket(server(), path);
  const { ino } = statSync(path);
  await expect(listenOnUnixSocket(server(), path)).rejects.toThrow(
    `another server is listening on ${path}`,
  );
  expect(statSync(path).ino).toBe(ino);
  expect(await canConnect(path)).toBe(true);
  first.release();
});

test("a regular file and a link are refused and stay", async () => {
  const path = tempSocketPath();
  writeFileSync(path, "precious");
  const link = join(tempDirectory(), "link");
  symlinkSync(path, link);
  await expect(listenOnUnixSocket(server(), path)).rejects.toThrow("is not a socket");
  await expect(listenOnUnixSocket(server(), link)).rejects.toThrow("is not a socket");
  expect(readFileSync(path, "utf8")).toBe("precious");
});

test("release does not remove another server's file", async () => {
  const path = tempSocketPath();
  const ours = await listenOnUnixSocket(server(), path);
  rmSync(path);
  const theirs = await listenOnUnixSocket(server(), path);
  ours.release();
  expect(await canConnect(path)).toBe(true);
  theirs.release();
  writeFileSync(path, "precious");
  theirs.release();
  expect(readFileSync(path, "utf8")).toBe("precious");
});

test("of two servers that replace the same stale socket, one listens", async () => {
  const path = tempSocketPath();
  await leaveStaleSocket(path);
  const both = await Promise.allSettled([
    listenOnUnixSocket(server(), path),
    listenOnUnixSocket(server(), path),
  ]);
  expect(both.map(({ status }) => status).sort()).toEqual(["fulfilled", "rejected"]);
  expect(await canConnect(path)).toBe(true);
});

test("a missing directory, and a directory at the path, are refused", async () => {
  const directory = tempDirectory();
  await expect(listenOnUnixSocket(server(), join(directory, "no", "x.sock"))).rejects.toThrow(
    /^cannot listen on .*: there is no directory .*no$/,
  );
  const file = join(directory, "file");
  writeFileSync(file, "");
  await expect(listenOnUnixSocket(server(), join(file, "x.sock"))).rejects.toThrow(
    /^cannot listen on .*: there is no directory .*file$/,
  );
  await expect(listenOnUnixSocket(server(), directory)).rejects.toThrow("is not a socket");
});
