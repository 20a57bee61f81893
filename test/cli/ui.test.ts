/** The page of `serve --ui` and `exec --ui`, as people open it; a browser tests what it does. */
import { expect, test, vi } from "vitest";
import { reducedEnvironment, startProcess, until } from "../support/child-process.js";
import { requestHttp1 } from "../support/http-request.js";
import { commandUnderTest } from "../support/provider-process.js";
import { startServe } from "../support/serve-process.js";

// Real processes, which take their time on a busy machine.
vi.setConfig({ testTimeout: 60_000 });

const LINK = /http:\/\/127\.0\.0\.1:\d+\/#token=[\w-]+/g;

const linksIn = (text: string): string[] => text.match(LINK) ?? [];

/** What the page says of itself after its link was used. */
async function useLink(link = ""): Promise<{ page: string; bindings: readonly string[] }> {
  const { origin, hash } = new URL(link);
  const page = await (await fetch(origin)).text();
  const token = hash.replace("#token=", "");
  const opened = await fetch(`${origin}/session`, { method: "POST", body: token });
  const { session } = (await opened.json()) as { session: string };
  const headers = { authorization: `Bearer ${session}` };
  const info = await (await fetch(`${origin}/session`, { headers })).json();
  return { page, ...(info as { bindings: readonly string[] }) };
}

test("serve --ui prints a link, and the next one when it was used", async () => {
  const serve = await startServe(["--ui", "--bind", "session", "--bind", "limits"]);
  await until(() => linksIn(serve.stderr()).length === 1, { what: serve.stderr });
  const { page, bindings } = await useLink(linksIn(serve.stderr())[0]);
  expect(page).toMatch(/^<!doctype html>/);
  expect(bindings).toEqual(["session", "limits"]);
  await until(() => linksIn(serve.stderr()).length === 2, { what: serve.stderr });
  serve.signal("SIGTERM");
  expect((await serve.ended).code).toBe(0);
});

test.each([{ host: "attacker.example" }, { origin: "http://attacker.example" }])(
  "serve --ui refuses requests with %j",
  async (headers) => {
    const serve = await startServe(["--ui"]);
    await until(() => linksIn(serve.stderr()).length === 1, { what: serve.stderr });
    const { port } = new URL(linksIn(serve.stderr())[0] ?? "");
    const { status } = await requestHttp1({ port: Number(port) }, { path: "/", headers });
    expect(status).toBe(403);
  },
);

test("serve --ui prints the link at every log level", async () => {
  const serve = await startServe(["--ui", "--log-level", "error"]);
  await until(() => linksIn(serve.stderr()).length === 1, { what: serve.stderr });
});

test("serve without --ui serves no page", async () => {
  const serve = await startServe(["--listen", "tcp://127.0.0.1:0"]);
  const { host } = new URL(serve.target.replace("tcp:", "http:"));
  expect((await fetch(`http://${host}/`)).status).toBe(404);
  expect((await fetch(`http://${host}/session`, { method: "POST" })).status).toBe(404);
  expect(linksIn(serve.stderr())).toEqual([]);
});

test("exec --ui prints a link for as long as the command runs", async () => {
  const exec = startProcess([...commandUnderTest, "exec", "--ui", "--", "sleep", "600"], {
    env: reducedEnvironment(),
  });
  await until(() => linksIn(exec.stderr()).length === 1, { what: exec.stderr });
  const [link = ""] = linksIn(exec.stderr());
  expect((await useLink(link)).bindings).toEqual(["cache"]);
  exec.signal("SIGTERM");
  expect((await exec.ended).code).toBe(128 + 15);
  await expect(fetch(new URL(link).origin)).rejects.toThrow();
});

test("exec --ui --print-env prints the link beside the variables", async () => {
  const args = ["exec", "--ui", "--print-env", "dotenv"];
  const exec = startProcess([...commandUnderTest, ...args], { env: reducedEnvironment() });
  expect((await exec.ended).code).toBe(0);
  const pid = Number(/^GESTALT_CACHE_MEMORY_PID='?(\d+)/m.exec(exec.stdout())?.[1]);
  try {
    expect(exec.stdout()).not.toMatch(LINK);
    expect((await useLink(linksIn(exec.stderr())[0])).bindings).toEqual(["cache"]);
  } finally {
    process.kill(pid);
  }
});
