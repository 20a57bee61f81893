import { Code, ConnectError, type Client } from "@connectrpc/connect";
import { Control } from "../../rpc/gen/gestalt_cache_memory/v1/control_pb.js";
import { withChannel, type ConnectionFlags } from "../client/cache-connection.js";

/** What every command of Control says below its own examples. */
export const CONTROL_HELP = `
Works with caches that exec and serve started: on Unix sockets, and on TCP where serve has
--control. A provider under gestaltd does not offer it.`;

/** The options of a call that ends. */
interface CallOptions {
  readonly signal: AbortSignal;
}

/** The Control service of one cache. */
export interface ControlChannel {
  /** Makes a call that ends, with the connection's deadline. */
  readonly call: <T>(
    send: (control: Client<typeof Control>, options: CallOptions) => Promise<T>,
  ) => Promise<T>;
  /** For calls without a deadline. */
  readonly control: Client<typeof Control>;
}

/**
 * Opens the Control service of the cache that the flags name, lets `use` work with it, and
 * closes it.
 *
 * @throws UsageError for wrong flags; ExitStatus when no cache is found, or a call fails
 */
export function withControl<T>(
  flags: ConnectionFlags,
  use: (channel: ControlChannel) => Promise<T>,
): Promise<T> {
  return withChannel(flags, async (channel) => {
    const control = channel.client(Control);
    try {
      return await use({
        control,
        call: (send) => channel.call((options) => send(control, options)),
      });
    } catch (error) {
      if (!(error instanceof ConnectError) || error.code !== Code.Unimplemented) throw error;
      const { target, source } = channel.place;
      const problem =
        `cache at ${target} (${source}): this server does not offer Control; ` +
        "exec does, and serve on Unix sockets, or with --control on TCP";
      throw new ConnectError(problem, error.code);
    }
  });
}
