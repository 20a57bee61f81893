import { describe, it } from "node:test";
import { registerConformance } from "gestalt-cache-memory/conformance";
import { createProvider } from "../src/provider.js";

registerConformance(describe, it, createProvider, { profile: "recommended" });
