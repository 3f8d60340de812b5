/** How this page speaks with the server: with the cookie, or with the session's token where cookies are refused. */

import { sessionFetch } from "../lti/requests.js";
import { forgetOthers, Outbox } from "./outbox.js";

const PATIENCE = 15000;
let box;

/** The one outbox of this page. */
export function outbox() {
  if (!box) {
    const name = document.body.dataset.owner;
    forgetOthers(name);
    box = new Outbox({ name, send: post });
    addEventListener("beforeunload", (event) => {
      if (box.isWaiting()) {
        event.preventDefault();
      }
    });
  }
  return box;
}

export function get(url, accept = "text/html") {
  return request(url, { headers: { Accept: accept } });
}

function post({ url, body }) {
  return request(url, {
    method: "POST",
    body,
    keepalive: true,
    headers: { Accept: "text/html", "Content-Type": "application/x-www-form-urlencoded" },
  });
}

/** Asks for the changed pieces of the page instead of the whole page. An ended session is told by sessionFetch. */
function request(url, options) {
  return sessionFetch(url, {
    ...options,
    signal: AbortSignal.timeout(PATIENCE),
    headers: { ...options.headers, "Byte-Fragment": "1" },
  });
}
