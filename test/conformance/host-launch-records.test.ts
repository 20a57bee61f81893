import { expect, test } from "vitest";
import { HOST_LAUNCH_RECORDS } from "../../src/conformance/process/host-launch-records.js";
import { hostLaunchRecords } from "../support/host-launch-records.js";

test("the kit sends the launch records that were captured", () => {
  expect(HOST_LAUNCH_RECORDS).toEqual(hostLaunchRecords);
});
