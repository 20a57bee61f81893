import { ask, startBenchProgram, stopChild } from "../process/child.js";
import type { Load, LoadGenerator, LoadResult } from "./load-generator.js";

/** What the program behind {@link createNodeLoad} answers. */
export type NodeLoadAnswer = { readonly result: LoadResult } | { readonly error: string };

/** The bench's own load generator: a Node process with a `node:http2` client. */
export function createNodeLoad(core: number | undefined, why: string): LoadGenerator {
  return {
    name: `built-in (node:http2, Node ${process.versions.node})`,
    advice: `${why}; the built-in generator is slower than the faster servers, so ratios come out too small`,
    async run(load: Load) {
      const child = startBenchProgram("load/node-load-program", [], { core });
      try {
        const answer = await ask<NodeLoadAnswer>(child, load);
        if ("error" in answer) throw new Error(answer.error);
        return answer.result;
      } finally {
        await stopChild(child);
      }
    },
  };
}
