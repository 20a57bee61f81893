import { once } from "node:events";
import { createServer } from "node:http2";
import { connectNodeAdapter } from "@connectrpc/connect-node";
import { createProviderServices } from "../../src/rpc/provider-services.js";
import { LISTEN_BACKLOG } from "../../src/server/listen/backlog.js";
import type { StartContestant } from "./contestant.js";

/** The same service implementations behind Connect's Node adapter, as its documentation shows it. */
export const startConnectServer: StartContestant = async (provider, socketPath) => {
  const services = createProviderServices(provider, { requireConfigure: false });
  const handle = connectNodeAdapter({
    routes: (router) => {
      for (const { service, implementation } of services) router.service(service, implementation);
    },
  });
  await once(
    createServer(handle).listen({ path: socketPath, backlog: LISTEN_BACKLOG }),
    "listening",
  );
};
