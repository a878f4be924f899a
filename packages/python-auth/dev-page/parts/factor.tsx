import { useMfa } from "@bymax-one/python-auth/react";
import { type ReactNode, useState } from "react";
import { flushSync } from "react-dom";
import { desk, put } from "../desk.ts";
import { byId, focusOn } from "../elements.ts";
import { type Field, Form, type Values } from "../form.tsx";
import { leadToSignIn, tellOfAccount } from "../lead.ts";
import { Note, say } from "../notes.tsx";
import { useProof } from "../proof.ts";
import { Section } from "../section.tsx";
import { send } from "../server.ts";
import { asAsked, currentUser, useChange, useUser } from "../who.ts";
import { DemoPhone } from "./demo-phone.tsx";
import { RecoveryCodes } from "./recovery-codes.tsx";

interface Enrolment {
  readonly svg: string;
  readonly secret: string;
}

const CODE: Field = {
  name: "code",
  label: "Code of the app",
  isCode: true,
  inputMode: "numeric",
  autoComplete: "one-time-code",
  minLength: 6,
  maxLength: 6,
};

/** A second factor: enrolled by a QR code, with recovery codes, and turned off again. */
export function FactorPart(): ReactNode {
  const user = useUser();
  const [enrolment, setEnrolment] = useState<Enrolment | null>(null);
  useChange((now) => {
    say("factor", "");
    say("codes", "");
    setEnrolment(null);
    const { recovery } = desk.get();
    // Those of a factor that is on stay while nobody else is signed in.
    if (recovery && (!recovery.isOn || (now && now.email !== recovery.email))) put({ recovery: null });
  });
  return (
    <Section id="factor" hasCode title="Add a second factor">
      <p>
        With it, a sign-in takes the password and a code of an authenticator app. Scan the code with your
        phone, or let the demo phone on this page make the codes.
      </p>
      <Note of="factor" />
      {user?.mfaEnabled ? (
        <Manage email={user.email} />
      ) : enrolment === null ? (
        <Begin onBegun={(begun) => flushSync(() => setEnrolment(begun))} />
      ) : (
        <Confirm {...enrolment} />
      )}
      <RecoveryCodes />
    </Section>
  );
}

function Begin({ onBegun }: { onBegun: (enrolment: Enrolment) => void }): ReactNode {
  const user = useUser();
  const { setup } = useMfa();
  const { isAsked, prove } = useProof();

  async function begin(values: Values): Promise<undefined> {
    const email = currentUser()?.email;
    if (email === undefined) return leadToSignIn("factor");
    const begun = await prove(values.password ?? "", setup);
    const { svg } = await send<{ svg: string }>("POST", "/dev/demo/qr", { qrCodeUri: begun.qrCodeUri });
    put({ recovery: { email, codes: begun.recoveryCodes, isOn: false } });
    onBegun({ svg, secret: begun.secret });
    focusOn(byId("enrolment-title"));
  }

  return (
    <Form
      id="enrol"
      part="factor"
      owner={user?.email ?? ""}
      send={begin}
      fields={[
        {
          name: "password",
          label: "Password for the second factor",
          type: "password",
          autoComplete: "current-password",
          isHidden: !isAsked,
        },
      ]}
    >
      <div className="row">
        <button type="submit">Set up a second factor</button>
      </div>
    </Form>
  );
}

function Confirm({ svg, secret }: Enrolment): ReactNode {
  const { enable } = useMfa();

  async function confirm({ code = "" }: Values): Promise<undefined> {
    const { recovery } = desk.get();
    if (recovery) put({ recovery: { ...recovery, isOn: true } });
    try {
      await asAsked(() => enable(code));
    } catch (error) {
      if (recovery) put({ recovery });
      throw error;
    }
    tellOfAccount(
      "The second factor is on, and every session has ended. Sign in again: a code is asked for now.",
    );
  }

  return (
    <>
      <div className="pair">
        <img
          src={`data:image/svg+xml,${encodeURIComponent(svg)}`}
          alt="QR code for an authenticator app; the key beside it says the same"
          width="184"
          height="184"
        />
        <div>
          <h3 id="enrolment-title" tabIndex={-1}>
            Scan the QR code, or type the key
          </h3>
          <p>
            <code>{secret.match(/.{1,4}/g)?.join(" ")}</code>
          </p>
          <p className="dim">
            Nothing is on until a code confirms it. Every session ends then, this one too.
          </p>
        </div>
      </div>
      <Form id="confirm-factor" send={confirm} fields={[CODE]}>
        <div className="row">
          <button type="submit">Turn it on</button>
          <DemoPhone part="confirm-factor" form="confirm-factor" of={{ secret }} />
        </div>
      </Form>
    </>
  );
}

function Manage({ email }: { email: string }): ReactNode {
  const { disable, regenerateRecoveryCodes } = useMfa();

  async function change({ code = "" }: Values, pressed: string): Promise<string | undefined> {
    if (pressed === "renew") {
      const codes = await regenerateRecoveryCodes(code);
      flushSync(() => put({ recovery: { email, codes, isOn: true } }));
      focusOn(byId("codes-title"));
      return "These codes replace the earlier ones.";
    }
    await asAsked(() => disable(code));
    put({ recovery: null });
    tellOfAccount("The second factor is off, and every session has ended. Sign in with the password alone.");
    return undefined;
  }

  return (
    <Form
      id="manage"
      send={change}
      fields={[{ ...CODE, label: "Code of the app, to change the second factor" }]}
    >
      <div className="row">
        <DemoPhone part="manage" form="manage" of={{ email }} />
      </div>
      <div className="row">
        <button type="submit" value="renew" className="plain">
          New recovery codes
        </button>
        <button type="submit" value="disable" className="danger">
          Turn it off
        </button>
      </div>
    </Form>
  );
}
