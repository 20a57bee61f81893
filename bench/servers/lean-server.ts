import { createProviderServices } from "../../src/rpc/provider-services.js";
import { startProviderServer } from "../../src/server/provider-server.js";
import type { StartContestant } from "./contestant.js";

/** This project's server, as the provider process and `serve` start it. */
export const startLeanServer: StartContestant = async (provider, socketPath) => {
  const routes = createProviderServices(provider, { requireConfigure: false });
  await startProviderServer({ routes }, { kind: "unix", path: socketPath });
};
