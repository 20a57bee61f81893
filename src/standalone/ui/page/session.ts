/** What the server says of itself. */
export interface ServerInfo {
  readonly version: string;
  /** Names of the bindings; one empty name for a cache that has none. */
  readonly bindings: readonly string[];
}

/** Where the session is kept: it ends with the tab. */
const STORED = "gestalt-cache-memory.session";

/**
 * The session of this tab. The token of a link is exchanged for one, and removed from the
 * address; without a token it is the one of an earlier load.
 *
 * @throws Error saying what to do when the link does not work
 */
export async function openSession(): Promise<string> {
  const token = /^#token=(.+)$/.exec(location.hash)?.[1];
  if (token === undefined) {
    const stored = sessionStorage.getItem(STORED);
    if (stored !== null) return stored;
    throw new Error("open the link that the command printed; it holds a token that works once");
  }
  history.replaceState(undefined, "", "/");
  const response = await fetch("/session", { method: "POST", body: token });
  const reply = (await response.json()) as { session?: string; message?: string };
  if (reply.session === undefined) throw new Error(reply.message ?? response.statusText);
  sessionStorage.setItem(STORED, reply.session);
  return reply.session;
}

/**
 * What the server says of itself.
 *
 * @throws Error when it does not know the session
 */
export async function readServerInfo(session: string): Promise<ServerInfo> {
  const response = await fetch("/session", { headers: { authorization: `Bearer ${session}` } });
  if (response.ok) return (await response.json()) as ServerInfo;
  sessionStorage.removeItem(STORED);
  const { message } = (await response.json()) as { message?: string };
  throw new Error(message ?? response.statusText);
}
