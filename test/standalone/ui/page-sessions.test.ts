import { expect, test } from "vitest";
import { PageSessions } from "../../../src/standalone/ui/page-sessions.js";

const bearer = (session = ""): { authorization: string } => ({
  authorization: `Bearer ${session}`,
});

test("the token of a link opens one session", () => {
  const sessions = new PageSessions();
  const token = sessions.createLinkToken();
  const session = sessions.open(token);
  expect(session).toMatch(/^[\w-]{43}$/);
  expect(session).not.toBe(token);
  expect(sessions.refusalOf(bearer(session))).toBeUndefined();
  expect(sessions.open(token)).toBeUndefined();
});

test("a new link replaces the one before, and leaves sessions as they are", () => {
  const sessions = new PageSessions();
  const session = sessions.open(sessions.createLinkToken());
  const replaced = sessions.createLinkToken();
  const token = sessions.createLinkToken();
  expect(sessions.open(replaced)).toBeUndefined();
  const second = sessions.open(token);
  expect(sessions.refusalOf(bearer(session))).toBeUndefined();
  expect(sessions.refusalOf(bearer(second))).toBeUndefined();
});

test("no token opens a session before a link exists", () => {
  expect(new PageSessions().open("")).toBeUndefined();
});

test("only a session is accepted, in the authorization header", () => {
  const sessions = new PageSessions();
  const token = sessions.createLinkToken();
  const session = sessions.open(token) ?? "";
  const wrong = [
    {},
    bearer(token),
    bearer(),
    bearer(`${session}x`),
    { authorization: session },
    { authorization: `Basic ${session}` },
    { cookie: `session=${session}` },
  ];
  for (const headers of wrong) {
    expect(sessions.refusalOf(headers)?.reason, JSON.stringify(headers)).toBe("unauthenticated");
  }
});
