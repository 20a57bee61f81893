import { test } from "vitest";
import { runExample } from "./exec-example.js";

// Go compiles its HTTP package at the first run, which takes minutes on a busy machine.
test(
  "the example in Go freezes and advances the clock of a cache that exec started",
  { timeout: 600_000 },
  () => runExample({ language: "go", file: "main.go", command: ["go", "run"], version: "version" }),
);
