import type {
  Entry,
  ListEntriesRequest,
} from "../../rpc/gen/gestalt_cache_memory/v1/control_pb.js";
import { msFromDuration } from "../../standalone/control/durations.js";
import type { ControlChannel } from "./control-channel.js";

/** Entries on one page; as many as the server gives. */
const PAGE_SIZE = 10_000;

/**
 * The entries of a cache in order of use, page by page. An entry that is used meanwhile is
 * returned once, if it is returned.
 */
export async function* listedEntries(
  { call }: ControlChannel,
  request: Partial<Pick<ListEntriesRequest, "prefix" | "newestFirst" | "withValues">>,
  limit = Infinity,
): AsyncGenerator<readonly Entry[]> {
  const seen = new Set<string>();
  let pageToken = "";
  do {
    const pageSize = Math.min(PAGE_SIZE, limit - seen.size);
    const page = await call((control, options) =>
      control.listEntries({ ...request, pageSize, pageToken }, options),
    );
    const entries = page.entries.filter(({ key }) => !seen.has(key));
    for (const { key } of entries) seen.add(key);
    yield entries;
    pageToken = page.nextPageToken;
  } while (pageToken !== "" && seen.size < limit);
}

/** What is left of an entry's TTL, in whole milliseconds; undefined: it never expires. */
export function ttlMsOf({ ttl }: Entry): number | undefined {
  return ttl === undefined ? undefined : msFromDuration("ttl", ttl);
}
