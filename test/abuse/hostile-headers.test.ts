import { expect, test } from "vitest";
import { frame } from "../support/raw-http2.js";
import { residentBytes } from "../../bench/process/resident-memory.js";
import { expectUnharmed, startBystander } from "./support/bystander.js";
import { grpcRequestFields } from "./support/http2-frames.js";
import { headerCase, type HeaderCase } from "./support/header-cases.js";
import { createRandom } from "./support/random.js";
import { openRawHeaderClient, type RawHeaderClient } from "./support/raw-headers.js";
import { atScale, waysAtScale } from "./support/scale.js";
import { startVictim, type Victim } from "./support/victim.js";

const MIB = 2 ** 20;
const CASES = atScale({ full: 20_000, quick: 1_000 });
const SEED = 20_260_501;
const AT_ONCE = 20;

/** A Get of the empty key. */
const BODY = frame(Buffer.alloc(0));

/** Sends the cases over one connection, or over another where the server has ended that. */
async function sendAll(victim: Victim, next: () => HeaderCase | undefined): Promise<string[]> {
  const wrong: string[] = [];
  let client: RawHeaderClient | undefined;
  for (let each = next(); each !== undefined; each = next()) {
    if (client?.isOver !== false) client = await openRawHeaderClient(victim.connect());
    let { status, message } = await client.call(each.fields, BODY);
    if (status === "lost") {
      // As any client would, once more: the connection may have ended with the call before.
      client = await openRawHeaderClient(victim.connect());
      ({ status, message } = await client.call(each.fields, BODY));
    }
    if (!each.expected.includes(status)) wrong.push(`${each.what}: ${status} ${message}`);
  }
  return wrong;
}

test.each(waysAtScale)(
  "%s: each request with hostile headers receives the right status",
  { timeout: 120_000 },
  async (way) => {
    const victim = await startVictim(way);
    const bystander = await startBystander(victim.target);
    const idleBytes = residentBytes(victim.pid);
    const random = createRandom(SEED);
    let left = CASES;
    const next = (): HeaderCase | undefined => (left-- > 0 ? headerCase(random) : undefined);
    const wrong = await Promise.all(Array.from({ length: AT_ONCE }, () => sendAll(victim, next)));
    expect(wrong.flat()).toEqual([]);
    expect(residentBytes(victim.pid) - idleBytes).toBeLessThan(96 * MIB);
    await expectUnharmed(bystander);
    expect(victim.complaints()).toBe("");
  },
);

test.each([
  ["many fields", Array.from({ length: 2_000 }, (_, index) => [`x-${index}`, "x"] as const)],
  ["one large field", [["x", "x".repeat(100_000)] as const]],
  ["one large name", [["x".repeat(60_000), "x"] as const]],
])("more headers than a request may have (%s) fail that request only", async (_, more) => {
  const victim = await startVictim();
  const bystander = await startBystander(victim.target);
  const client = await openRawHeaderClient(victim.connect());
  const fields = grpcRequestFields("/gestalt.provider.v1.Cache/Get");
  expect((await client.call(fields, BODY)).status).toBe("0");
  const { status } = await client.call([...fields, ...more], BODY);
  expect(status).toMatch(/^(8|http 431|reset 11|lost)$/);
  const again = client.isOver ? await openRawHeaderClient(victim.connect()) : client;
  expect((await again.call(fields, BODY)).status).toBe("0");
  await expectUnharmed(bystander);
  expect(victim.complaints()).toBe("");
});
