import {
  StatisticsService,
  type GetStatisticsResponse,
} from "../../rpc/gen/gestalt_cache_memory/v1/statistics_pb.js";
import { routeOf, type ServiceRoute } from "../../rpc/provider-services.js";

/** The figures of a cache, with the names of the message; each is a whole number. */
export type StatisticsFigures = Readonly<
  Record<Exclude<keyof GetStatisticsResponse, `$${string}`>, number>
>;

/**
 * Creates the service that returns the figures of a cache. Only servers without a host have it:
 * under the host, only the services of the contract are served.
 */
export function createStatisticsRoute(read: () => StatisticsFigures): ServiceRoute {
  return routeOf(StatisticsService, {
    getStatistics: () => wireFrom(read()),
  });
}

/** Returns the figures of a reply. */
export function figuresFromReply(reply: GetStatisticsResponse): StatisticsFigures {
  return mapFigures(reply, Number);
}

function wireFrom(figures: StatisticsFigures): Record<keyof StatisticsFigures, bigint> {
  return mapFigures(figures, BigInt);
}

function mapFigures<From, To>(
  from: Readonly<Record<keyof StatisticsFigures, From>>,
  convert: (value: From) => To,
): Record<keyof StatisticsFigures, To> {
  return {
    entries: convert(from.entries),
    bytes: convert(from.bytes),
    maxBytes: convert(from.maxBytes),
    hits: convert(from.hits),
    misses: convert(from.misses),
    sets: convert(from.sets),
    overwrites: convert(from.overwrites),
    deletes: convert(from.deletes),
    touches: convert(from.touches),
    expired: convert(from.expired),
    evicted: convert(from.evicted),
    refused: convert(from.refused),
  };
}
