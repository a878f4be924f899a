import { SessionList } from "@bymax-one/python-auth/components";
import { useSession } from "@bymax-one/python-auth/react";
import { looks } from "../forms.ts";
import { Page } from "../page.tsx";
import { SecondFactor } from "./second-factor.tsx";

/** Where somebody is signed in, and with what. */
export function Security() {
  const { user } = useSession();
  return (
    <Page title="Security">
      <SecondFactor isOn={user?.mfaEnabled === true} />
      <SessionList classNames={looks} />
    </Page>
  );
}
