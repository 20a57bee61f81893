import { expect, test } from "vitest";
import { createProviderImplementations } from "../../src/rpc/provider-implementations.js";
import { methodsOfProvider } from "../../src/rpc/provider-methods.js";
import { createProviderServices } from "../../src/rpc/provider-services.js";
import { methodsOfRoutes } from "../../src/rpc/route-methods.js";
import { createMapProvider } from "../support/map-provider.js";

const provider = createMapProvider();
const ofProvider = methodsOfProvider(createProviderImplementations(provider));
const ofRoutes = methodsOfRoutes(createProviderServices(provider));

test("the methods of a provider are those of the generated code, with the same codecs", () => {
  const shape = ({ unary }: typeof ofProvider): unknown =>
    new Map(
      Array.from(unary, ([key, { path, requestType, codec }]) => [
        key,
        { path, requestType, codec },
      ]),
    );
  expect(ofProvider.unary.size).toBe(11);
  expect(shape(ofProvider)).toEqual(shape(ofRoutes));
  expect(ofProvider.streaming).toEqual(ofRoutes.streaming);
});

test("Connect gets the same implementations, with their descriptors", async () => {
  const routes = await ofProvider.loadRoutes();
  expect(routes.map(({ service }) => service.typeName)).toEqual([
    "gestalt.provider.v1.Cache",
    "gestalt.provider.v1.ProviderLifecycle",
  ]);
  const get = ofProvider.unary.get("/gestalt.provider.v1.Cache/Get");
  expect((routes[0]?.implementation as { get: unknown }).get).toBe(get?.implementation);
});
