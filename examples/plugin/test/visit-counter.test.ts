// Run with: gestalt-cache-memory exec --bind visits -- npm test
import { expect, test } from "vitest";
import { VisitCounter } from "../src/visit-counter.js";

const counter = new VisitCounter();

test("visit counts the visits of each visitor", async () => {
  expect(await counter.visit("Ada")).toBe(1);
  expect(await counter.visit("Ada")).toBe(2);
  expect(await counter.visit("Grace")).toBe(1);
  expect(await counter.visits(["Ada", "Grace", "Linus"])).toEqual(
    new Map([
      ["Ada", 2],
      ["Grace", 1],
    ]),
  );
});

test("forget resets the visits of a visitor", async () => {
  await counter.visit("Edsger");
  expect(await counter.forget("Edsger")).toBe(true);
  expect(await counter.forget("Edsger")).toBe(false);
  expect(await counter.visit("Edsger")).toBe(1);
});
