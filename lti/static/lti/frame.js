// Lets the LMS's frame grow with the page, where the LMS offers that (CK-27): one scroll bar instead of two.
// The LMS is asked first; one that does not say that it takes heights is told none. Only ever to the origin that the
// signed launch named, and only its answer counts: other windows neither hear nor say anything here.

import { ask } from "./messages.js";

const RESIZE = "lti.frameResize";
const TALLEST = 30000; // pixels
const STEPS = 40; // a page that grows with its frame would grow for ever

export class LtiFrame extends HTMLElement {
  async connectedCallback() {
    const { origin } = this.dataset;
    if (!origin || window.parent === window || !isParent(origin)) return;
    const answer = await ask(window.parent, origin, { subject: "lti.capabilities" });
    const listed = Array.isArray(answer?.supported_messages) ? answer.supported_messages : [];
    if (!this.isConnected || !listed.some((message) => message?.subject === RESIZE)) return;
    this.follow((height) => window.parent.postMessage({ subject: RESIZE, height }, origin));
  }

  disconnectedCallback() {
    this.observer?.disconnect();
  }

  follow(tell) {
    let told = 0;
    let grown = 0;
    this.observer = new ResizeObserver(() => {
      const height = contentHeight();
      if (Math.abs(height - told) < 2 || grown >= STEPS) return;
      grown = height > told ? grown + 1 : 0;
      told = height;
      tell(height);
    });
    for (const part of document.body.children) this.observer.observe(part);
  }
}

// Where the browser says who frames us, that must be the LMS; elsewhere the browser drops a message to another origin.
function isParent(origin) {
  return !location.ancestorOrigins?.length || location.ancestorOrigins[0] === origin;
}

// The body itself is never lower than the frame, so it could not tell that the page became shorter.
function contentHeight() {
  const ends = [...document.body.children].map((part) => part.getBoundingClientRect().bottom + window.scrollY);
  return Math.min(Math.ceil(Math.max(0, ...ends)), TALLEST);
}

if (!customElements.get("lti-frame")) customElements.define("lti-frame", LtiFrame);
