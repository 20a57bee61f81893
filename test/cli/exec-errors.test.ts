import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { reducedEnvironment, startProcess, until } from "../support/child-process.js";
import { clientOf, commandUnderTest, isExecutable } from "../support/provider-process.js";
import { tempDirectory } from "../support/temp-directory.js";

const THROWER = `data:text/javascript,${encodeURIComponent(
  `process.on("SIGUSR2", () => { throw new Error("a defect") });`,
)}`;

// Only Node can load a script that causes the error.
test.skipIf(isExecutable)(
  "an uncaught error ends neither the caches of exec nor its command",
  async () => {
    const go = join(tempDirectory(), "go");
    const script = `echo $GESTALT_CACHE_SOCKET; until [ -e ${go} ]; do sleep 0.05; done; exit 7`;
    const work = ["sh", "-c", script];
    const running = startProcess([...commandUnderTest, "exec", "--", ...work], {
      env: {
        ...reducedEnvironment(),
        XDG_RUNTIME_DIR: tempDirectory(),
        NODE_OPTIONS: `--import=${THROWER}`,
      },
    });
    await until(() => running.stdout().endsWith("\n"), { what: () => running.stderr() });
    const cache = clientOf(`unix://${running.stdout().trim()}`)("Cache");
    const value = Buffer.from("v");
    expect((await cache.call("Set", { key: "k", value })).code).toBe(0);
    running.signal("SIGUSR2");
    await until(() => running.stderr() !== "", { what: "a line about the error" });
    expect((await cache.call("Get", { key: "k" })).reply).toEqual({ found: true, value });
    expect(running.stderr()).toMatch(
      /^gestalt-cache-memory: uncaught error: Error: a defect [^\n]+\n$/,
    );
    writeFileSync(go, "");
    expect(await running.ended).toEqual({ code: 7, signal: null });
  },
);
