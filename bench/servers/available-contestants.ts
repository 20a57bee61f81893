import { existsSync } from "node:fs";
import { UsageError } from "../options.js";
import { CONTESTANTS, type Contestant } from "./contestant.js";
import { hasGo } from "./grpc-go-server.js";

/** The contestants of a run, and a line for each that cannot take part. */
export interface AvailableContestants {
  readonly contestants: readonly Contestant[];
  readonly missing: readonly string[];
}

/**
 * Chooses the contestants.
 * @param list - names separated by commas; by default all that can run here
 * @throws UsageError for an unknown name, or for a named contestant that cannot run here
 */
export function chooseContestants(
  list: string | undefined,
  executable: string | undefined,
): AvailableContestants {
  if (executable !== undefined && !existsSync(executable)) {
    throw new UsageError(`no executable at ${executable}`);
  }
  const reasons: Partial<Record<Contestant, string>> = {
    ...(executable === undefined
      ? { executable: "executable: not measured; name one with --executable FILE" }
      : {}),
    ...(hasGo() ? {} : { "grpc-go": "grpc-go: not measured; it needs the Go toolchain (go)" }),
  };
  const names: readonly string[] = list?.split(",") ?? CONTESTANTS;
  const unknown = names.find((name) => !(CONTESTANTS as readonly string[]).includes(name));
  if (unknown !== undefined) {
    throw new UsageError(`no server named ${unknown}; the servers: ${CONTESTANTS.join(", ")}`);
  }
  const wanted = CONTESTANTS.filter((name) => names.includes(name));
  const missing = wanted.flatMap((name) => reasons[name] ?? []);
  if (list !== undefined && missing.length > 0) throw new UsageError(missing.join("\n"));
  return { contestants: wanted.filter((name) => reasons[name] === undefined), missing };
}
