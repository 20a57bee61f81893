import { readFileSync } from "node:fs";
import type { ClientHttp2Session } from "node:http2";
import { join } from "node:path";
import { expect, test } from "vitest";
import { frame } from "../support/raw-http2.js";
import { residentBytes } from "../../bench/process/resident-memory.js";
import { expectUnharmed, startBystander } from "./support/bystander.js";
import { call, cacheHeaders, openSession } from "./support/plain-call.js";
import { createRandom } from "./support/random.js";
import { expectedStatuses, requestBody, type RequestBody } from "./support/request-bodies.js";
import { atScale, waysAtScale } from "./support/scale.js";
import { startVictim } from "./support/victim.js";

const MIB = 2 ** 20;

const INPUTS = atScale({ full: 150_000, quick: 6_000 });

/** Another seed makes other inputs. */
const SEED = Number(process.env["GESTALT_CACHE_MEMORY_SEED"] ?? 20_260_502);
const AT_ONCE = 100;

/** An answer that takes longer has been forgotten. */
const HANG_MS = 10_000;

interface PastFind {
  readonly why: string;
  readonly method: string;
  readonly hex: string;
  /** How often the bytes are repeated; by default once. */
  readonly times?: number;
}

const corpus = JSON.parse(
  readFileSync(join(import.meta.dirname, "corpus/requests.json"), "utf8"),
) as readonly PastFind[];

/** Sends a request; gives one line about a wrong answer. */
async function complaintAbout(
  session: ClientHttp2Session,
  body: RequestBody,
): Promise<string | undefined> {
  const expected = expectedStatuses(body);
  const answer = call(session, cacheHeaders(body.method), frame(body.bytes));
  const { status, message, afterMs } = await answer;
  if (expected.includes(status) && afterMs < HANG_MS) return undefined;
  const shown = body.bytes.subarray(0, 100).toString("hex");
  return `${body.method} ${shown}: ${status} instead of ${expected.join(" or ")} (${message})`;
}

test("requests that once caused a wrong status receive the right one", async () => {
  const victim = await startVictim();
  const session = await openSession(victim.connect());
  for (const { method, hex, times = 1 } of corpus) {
    const bytes = Buffer.from(hex.repeat(times), "hex");
    expect(await complaintAbout(session, { method, bytes })).toBeUndefined();
  }
});

test.each(waysAtScale)(
  `%s: fuzzed requests receive the right status, seed ${SEED}`,
  { timeout: 600_000 },
  async (way) => {
    const victim = await startVictim(way, { maxBytes: MIB });
    const bystander = await startBystander(victim.target);
    const session = await openSession(victim.connect());
    const random = createRandom(SEED);
    const complaints: string[] = [];
    const send = async (count: number): Promise<void> => {
      let left = count;
      const sendOne = async (): Promise<void> => {
        while (left-- > 0) {
          const complaint = await complaintAbout(session, requestBody(random));
          if (complaint !== undefined) complaints.push(complaint);
        }
      };
      await Promise.all(Array.from({ length: AT_ONCE }, sendOne));
    };
    await send(INPUTS / 2);
    const halfwayBytes = residentBytes(victim.pid);
    await send(INPUTS / 2);
    expect(complaints).toEqual([]);
    expect(residentBytes(victim.pid) - halfwayBytes).toBeLessThan(24 * MIB);
    await expectUnharmed(bystander);
    expect(victim.complaints()).toBe("");
  },
);
