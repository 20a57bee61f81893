import { describe, expect, onTestFinished, test } from "vitest";
import { startEphemeralCache } from "../../../src/standalone/ephemeral-cache.js";
import { connectTo, requestHttp1, type HttpAnswer } from "../../support/http-request.js";

const STATISTICS = "/gestalt_cache_memory.v1.StatisticsService/GetStatistics";
const RESET = "/gestalt_cache_memory.v1.Control/Reset";

interface Page {
  readonly place: { readonly port: number };
  readonly links: readonly string[];
  readonly request: (
    path: string,
    headers?: Record<string, string>,
    body?: string,
  ) => Promise<HttpAnswer>;
  /** Opens a session with the last link. */
  readonly open: () => Promise<string>;
}

async function startPage(bindings = ["session"]): Promise<Page> {
  const links: string[] = [];
  const caches = await startEphemeralCache({ bindings, onPageLink: (url) => links.push(url) });
  onTestFinished(() => caches.close());
  const place = { port: Number(new URL(links[0] ?? "").port) };
  const request: Page["request"] = (path, headers = {}, body) =>
    requestHttp1(place, {
      path,
      headers: { host: `127.0.0.1:${place.port}`, ...headers },
      ...(body === undefined ? {} : { method: "POST", body }),
    });
  const open = async (): Promise<string> => {
    const { body } = await request("/session", {}, tokenOf(links.at(-1)));
    return (JSON.parse(body) as { session: string }).session;
  };
  return { place, links, request, open };
}

function tokenOf(link = ""): string {
  return new URL(link).hash.replace("#token=", "");
}

const json = (session: string): Record<string, string> => ({
  authorization: `Bearer ${session}`,
  "content-type": "application/json",
});

describe("the document", () => {
  test("is one file that loads nothing and cannot be framed", async () => {
    const { request } = await startPage();
    const { status, headers, body } = await request("/");
    expect(status).toBe(200);
    expect(headers["content-type"]).toBe("text/html; charset=utf-8");
    expect(headers["cache-control"]).toBe("no-store");
    expect(headers["x-content-type-options"]).toBe("nosniff");
    expect(headers["referrer-policy"]).toBe("no-referrer");
    expect(headers["cross-origin-opener-policy"]).toBe("same-origin");
    expect(headers["cross-origin-resource-policy"]).toBe("same-origin");
    const policy = String(headers["content-security-policy"]).split("; ");
    expect(policy).toContain("default-src 'none'");
    expect(policy).toContain("connect-src 'self'");
    expect(policy).toContain("frame-ancestors 'none'");
    expect(policy).toContain("form-action 'none'");
    expect(policy.join()).not.toMatch(/unsafe|\*|https?:/);
    expect(body).not.toMatch(/<[^>]+\s(?:on\w+|style|src)\s*=/);
    expect(body.match(/<script/g)).toHaveLength(1);
  });

  test("is the same for everyone: it holds neither a token nor names of bindings", async () => {
    const { request, links } = await startPage(["very-secret-name"]);
    const { body } = await request("/");
    expect(body).not.toContain(tokenOf(links[0]));
    expect(body).not.toContain("very-secret-name");
  });
});

describe("a session", () => {
  test("is opened by a link once, and names version and bindings", async () => {
    const { request, links, open } = await startPage(["one", "two"]);
    const session = await open();
    const { status, body } = await request("/session", { authorization: `Bearer ${session}` });
    expect(status).toBe(200);
    expect(JSON.parse(body)).toMatchObject({ bindings: ["one", "two"] });
    const again = await request("/session", {}, tokenOf(links[0]));
    expect(again.status).toBe(401);
    expect(again.body).toContain("open the link that was printed last");
    // The next link comes when one was used.
    expect(links).toHaveLength(2);
    expect((await request("/session", {}, tokenOf(links[1]))).status).toBe(200);
  });

  test.each(["", "wrong", "x".repeat(100_000)])("is not opened by a wrong token", async (token) => {
    const { request, links } = await startPage();
    expect((await request("/session", {}, token)).status).toBe(401);
    expect(links).toHaveLength(1);
  });

  test("reaches the services of the binding that the header names", async () => {
    const { request, open } = await startPage(["one", "two"]);
    const headers = json(await open());
    const set = "/gestalt.provider.v1.Cache/Set";
    const one = { ...headers, "x-gestalt-host-binding": "one" };
    const two = { ...headers, "x-gestalt-host-binding": "two" };
    expect((await request(set, one, '{"key":"a","value":"MQ=="}')).status).toBe(200);
    expect((await request(STATISTICS, one, "{}")).body).toContain('"entries":"1"');
    expect((await request(STATISTICS, two, "{}")).body).not.toContain("entries");
    expect((await request(STATISTICS, headers, "{}")).body).toContain("cache binding is required");
  });
});

describe("a request without a session", () => {
  test.each([STATISTICS, RESET, "/session", "/other"])("is refused for %s", async (path) => {
    const { request, links } = await startPage();
    const type = { "content-type": "application/json" };
    const withoutOne = path === "/session" ? await request(path) : await request(path, type, "{}");
    expect(withoutOne.status).toBe(401);
    const authorization = `Bearer ${tokenOf(links[0])}`;
    expect((await request(path, { authorization })).status).toBe(401);
  });
});

describe("a request of another page, or for another host", () => {
  const FOREIGN = [
    ["another Origin", { origin: "https://example.com" }],
    ["another port of this machine", { origin: "http://127.0.0.1:1" }],
    ["an opaque Origin", { origin: "null" }],
    ["a name that resolves to this machine", { host: "attacker.example:80" }],
    ["a name that begins like this machine's", { host: "localhost.example" }],
  ] as const;

  test.each(FOREIGN)("%s: is refused with a session, and opens none", async (_, headers) => {
    const { request, links, open } = await startPage();
    const session = await open();
    expect((await request(RESET, { ...json(session), ...headers }, "{}")).status).toBe(403);
    expect((await request("/session", headers, tokenOf(links.at(-1)))).status).toBe(403);
    expect((await request("/", headers)).status).toBe(403);
    // The token is still good: nobody has used it.
    expect(links).toHaveLength(2);
  });

  test("the page's own Origin is accepted, by either name of the machine", async () => {
    const { request, place, open } = await startPage();
    const headers = json(await open());
    for (const host of [`127.0.0.1:${place.port}`, `localhost:${place.port}`]) {
      const own = { ...headers, host, origin: `http://${host}` };
      expect((await request(STATISTICS, own, "{}")).status).toBe(200);
    }
  });
});

test("the page listens on the loopback address alone, and ends with the caches", async () => {
  const links: string[] = [];
  const caches = await startEphemeralCache({ onPageLink: (url) => links.push(url) });
  const { hostname, port } = new URL(links[0] ?? "");
  expect(hostname).toBe("127.0.0.1");
  await caches.close();
  const socket = connectTo({ port: Number(port) });
  const error = await new Promise<NodeJS.ErrnoException>((resolve) =>
    socket.once("error", resolve),
  );
  expect(error.code).toBe("ECONNREFUSED");
});
