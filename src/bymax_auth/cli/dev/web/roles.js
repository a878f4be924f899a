// A route that only an ADMIN may call.

import { Refused, call } from "./api.js";
import { $, act, noteOf, say } from "./dom.js";
import { account, onAccount } from "./session.js";

const note = noteOf($("roles"));

$("admin").onclick = ({ currentTarget }) =>
  act(currentTarget, note, async () => {
    try {
      const { message } = await call("GET", "/dev/demo/admin");
      return `${message} The server answered 200: your role is ${account.role}.`;
    } catch (error) {
      if (error.status === 401) throw new Refused(401, { code: error.code, message: "Refused (401): nobody is signed in" });
      if (error.status !== 403) throw error;
      const message = `Refused (403): your role is ${account.role}, and the route asks for ADMIN`;
      throw new Refused(403, { code: error.code, message });
    }
  });

onAccount(() => say(note, ""));
