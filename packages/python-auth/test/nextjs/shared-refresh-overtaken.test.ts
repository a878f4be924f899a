import { describe, expect, test } from "vitest";
import { type Gate, gate } from "../gate.ts";
import { type Reply, refusal, serving } from "../serving.ts";
import { stopTheClock } from "../stopped-clock.ts";
import { type Browser, browser, COOKIES } from "./handlers.ts";

stopTheClock();

/** A server that holds one refresh: whether it was asked, and what lets it answer. */
interface Held {
  readonly url: string;
  readonly asked: Gate;
  readonly answered: Gate;
}

/** Serves a server that holds its first refresh, and answers each with new cookies unless told otherwise. */
async function slow(first?: Reply): Promise<Held> {
  const asked = gate();
  const answered = gate();
  const { url } = await serving(async ({ path }, response) => {
    if (path !== "/auth/refresh") return { status: 204 };
    if (!asked.wasOpened()) {
      asked.open();
      await answered.opened;
      if (first !== undefined) return first;
    }
    response.writeHead(200, { "set-cookie": [...COOKIES] }).end("{}");
    return undefined;
  });
  return { url, asked, answered };
}

/** Returns the answer to a refresh during which something else happens. */
async function during(held: Held, asks: () => Promise<Response>, happens: () => Promise<unknown>) {
  const pending = asks();
  await held.asked.opened;
  await happens();
  held.answered.open();
  return pending;
}

function expectEnded(answer: Response): void {
  expect(answer.status).toBe(401);
  expect(answer.headers.getSetCookie()).toEqual([]);
}

describe("a sign-out ends a refresh that is under way", () => {
  test.each([
    ["POST", "mfa/setup"],
    ["POST", "sessions/revoke-all"],
    ["DELETE", `sessions/${"0".repeat(64)}`],
  ] as const)("also after %s %s, since which nothing is shared with the browser", async (method, path) => {
    const held = await slow();
    const own = browser(held.url);
    const answer = await during(held, own.script, async () => {
      await own.forward(method, path);
      await own.signOut();
    });
    expectEnded(answer);
  });

  test("also before another change that is passed on", async () => {
    const held = await slow();
    const own = browser(held.url);
    const answer = await during(held, own.script, async () => {
      await own.signOut();
      await own.forward("POST", "mfa/setup");
    });
    expectEnded(answer);
  });

  test("also with the token that another tab was given meanwhile", async () => {
    const held = await slow();
    const own = browser(held.url);
    const answer = await during(held, own.script, async () => {
      await own.forward("POST", "mfa/setup");
      expect((await own.script()).status).toBe(200);
      await browser(held.url, "refresh_token=next").signOut();
    });
    expectEnded(answer);
  });

  test("also when the browser presents several tokens, of which the server must decide", async () => {
    const held = await slow();
    const own = browser(held.url, "refresh_token=of-a-sibling; refresh_token=of-several");
    expectEnded(await during(held, own.script, own.signOut));
  });

  test.each([
    ["with an empty token, which is anybody's", "refresh_token="],
    ["of another browser", "refresh_token=of-another-browser"],
    ["with the token that another browser was given meanwhile", "refresh_token=next"],
  ])("and none %s", async (_whose, cookie) => {
    const held = await slow();
    const own = browser(held.url, "refresh_token=; refresh_token=beside-an-empty-one");
    const answer = await during(held, own.script, async () => {
      await browser(held.url, "refresh_token=of-another-browser").script();
      await browser(held.url, cookie).signOut();
    });
    expect(answer.status).toBe(200);
  });
});

describe("a refresh that a sign-out has overtaken leaves the cookies of who signs in next", () => {
  test.each([
    ["the server gives new tokens", undefined],
    ["the server refuses it", refusal(401, "auth.refresh_token_invalid")],
    ["the account is banned", refusal(403, "auth.account_banned")],
    ["the server is away", refusal(503, "auth.unavailable")],
  ])("when %s", async (_what, first) => {
    const answers: Response[] = [];
    const asks: ((own: Browser) => Promise<Response>)[] = [
      (own) => own.page(),
      (own) => own.frame(),
      (own) => own.script(),
    ];
    for (const ask of asks) {
      const held = await slow(first);
      const own = browser(held.url);
      answers.push(
        await during(
          held,
          () => ask(own),
          async () => {
            await own.signOut();
            await browser(held.url, "").forward("POST", "login");
          },
        ),
      );
    }
    const [page, frame, script] = answers as [Response, Response, Response];
    for (const answer of answers) expect(answer.headers.getSetCookie()).toEqual([]);
    // Nothing has expired, and the login page knows who is signed in.
    expect([page.status, page.headers.get("location")]).toEqual([303, "/login"]);
    // What asks in a frame asks again, as whoever is signed in then.
    expect(await frame.text()).toBe("<!doctype html><title>unavailable</title>");
    expect(script.status).toBe(401);
    expect(await script.json()).toMatchObject({ error: { code: "auth.refresh_token_invalid" } });
  });
});
