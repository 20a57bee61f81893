import captured from "../fixtures/host-launch-records.json" with { type: "json" };

/** Launch records captured from running hosts; the fixture names their origins. */
export const hostLaunchRecords: readonly Record<string, unknown>[] = [
  ...captured.fromRunningHosts.records,
  ...captured.fromHostMarshaller.records,
  ...captured.fromMarshallerBeforeEgress.records,
];

/** A test title for one record. */
export function launchRecordTitle(record: Record<string, unknown>): string {
  return `${Object.keys(record).join(", ")}; source ${JSON.stringify(record["source"])}`;
}
