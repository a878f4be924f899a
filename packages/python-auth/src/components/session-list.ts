import { type UseSessionsResult, useSessions } from "@bymax-one/python-auth/react";
import type { ActiveSessionInfo } from "@bymax-one/python-auth/shared";
import { createElement as h, type ReactNode, useId, useRef, useState } from "react";
import type { Appearance } from "./appearance.ts";
import { failureOf } from "./failure.ts";
import { LastActive } from "./last-active.ts";
import { filled, type Messages, messagesIn } from "./messages.ts";
import { useUserChange } from "./use-user-change.ts";

/** What `SessionList` takes. */
export interface SessionListProps extends Appearance {}

interface Said {
  readonly error: string;
  readonly notice: string;
}

const NOTHING: Said = { error: "", notice: "" };

/** Shows where the signed-in user is signed in, and ends sessions. */
export function SessionList(appearance: SessionListProps): ReactNode {
  const { hasTitle = true } = appearance;
  const classNames = appearance.classNames ?? {};
  const messages = messagesIn(appearance.locale, appearance.messages);
  const listed = useSessions();
  const { said, isBusy, end } = useEnding(messages);
  const id = useId();
  const title = useRef<HTMLElement>(null);
  const { revoke, revokeOthers, sessions } = listed;

  async function run(action: () => Promise<void>, notice: string): Promise<void> {
    await end(action, notice);
    // What was pressed may be gone, and the focus with it.
    title.current?.focus();
  }

  const focusable = {
    ref: (element: HTMLElement | null): void => {
      title.current = element;
    },
    tabIndex: -1,
  };
  return h(
    "section",
    {
      ...(hasTitle ? { "aria-labelledby": id } : { "aria-label": messages.sessions, ...focusable }),
      "aria-busy": isBusy || listed.isLoading,
      className: classNames.root,
    },
    hasTitle && h("h2", { id, className: classNames.title, ...focusable }, messages.sessions),
    appearance.header,
    h("div", { role: "alert", className: classNames.error }, said.error || textOf(listed.error, messages)),
    h(
      "div",
      { role: "status", className: classNames.notice },
      sessions === null && listed.isLoading ? messages.loading : said.notice,
    ),
    sessions !== null &&
      h(
        "ul",
        { className: classNames.list },
        sessions.map((session) =>
          h(Item, {
            key: session.id,
            session,
            appearance,
            messages,
            end: () => run(() => revoke(session), messages.sessionEnded),
          }),
        ),
      ),
    listed.error !== null &&
      h(
        "button",
        { type: "button", className: classNames.secondary, onClick: () => run(listed.reload, "") },
        messages.tryAgain,
      ),
    sessions?.some(({ isCurrent }) => !isCurrent) === true &&
      h(
        "button",
        {
          type: "button",
          className: classNames.secondary,
          onClick: () => run(revokeOthers, messages.othersEnded),
        },
        messages.endOthers,
      ),
    appearance.footer,
  );
}

interface ItemProps {
  readonly session: ActiveSessionInfo;
  readonly appearance: Appearance;
  readonly messages: Messages;
  readonly end: () => void;
}

function Item({ session, appearance, messages, end }: ItemProps): ReactNode {
  const classNames = appearance.classNames ?? {};
  const { device, ip, isCurrent } = session;
  const id = useId();
  return h(
    "li",
    { className: classNames.item },
    h("span", { className: classNames.label }, device),
    isCurrent && [" ", h("strong", { key: "here", className: classNames.current }, messages.thisDevice)],
    h(
      "p",
      { id, className: classNames.hint },
      ip,
      h(LastActive, { at: session.lastActivityAt, locale: appearance.locale, messages }),
    ),
    h(
      "button",
      {
        type: "button",
        className: classNames.submit,
        "aria-label": filled(messages.endSessionOf, { device }),
        // Several may be of one kind.
        "aria-describedby": id,
        onClick: end,
      },
      messages.endSession,
    ),
  );
}

interface Ending {
  readonly said: Said;
  readonly isBusy: boolean;
  readonly end: (action: UseSessionsResult["revokeOthers"], notice: string) => Promise<void>;
}

/** Ends one thing at a time, and says what became of it. */
function useEnding(messages: Messages): Ending {
  const [said, setSaid] = useState(NOTHING);
  const [isBusy, setBusy] = useState(false);
  useUserChange(() => setSaid(NOTHING));
  return {
    said,
    isBusy,
    async end(action, notice) {
      if (isBusy) return;
      setBusy(true);
      try {
        await action();
        setSaid({ error: "", notice });
      } catch (error) {
        setSaid({ error: failureOf(error, [], messages).text, notice: "" });
      } finally {
        setBusy(false);
      }
    },
  };
}

function textOf(error: Error | null, messages: Messages): string {
  return error === null ? "" : failureOf(error, [], messages).text;
}
