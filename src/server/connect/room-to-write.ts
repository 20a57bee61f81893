import type { Writable } from "node:stream";

/**
 * Settles when a stream has room for more, or is closed.
 *
 * @param hasRoom - what the last `write` returned
 */
export async function roomToWrite(
  stream: Pick<Writable, "destroyed" | "once" | "off">,
  hasRoom: boolean,
): Promise<void> {
  if (hasRoom || stream.destroyed) return;
  await new Promise<void>((resolve) => {
    const settle = (): void => {
      stream.off("drain", settle);
      stream.off("close", settle);
      resolve();
    };
    stream.once("drain", settle);
    stream.once("close", settle);
  });
}
