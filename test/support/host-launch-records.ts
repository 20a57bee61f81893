import captured from "../fixtures/host-launch-records.json" with { type: "json" };

/** Launch records as hosts send them; their origins are noted in the fixture. */
export const hostLaunchRecords: readonly Record<string, unknown>[] = [
  ...captured.fromRunningHosts.records,
  ...captured.fromHostMarshaller.records,
];

/** A title for a test of one record. */
export function launchRecordTitle(record: Record<string, unknown>): string {
  return `${Object.keys(record).join(", ")}; source ${JSON.stringify(record["source"])}`;
}
