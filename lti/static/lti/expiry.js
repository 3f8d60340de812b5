// <lti-session data-seconds="…" data-url="…">: keeps the session while the page is in use, and warns before it ends
// when it is not (CK-26). The server is asked near the end only; until then everything the page sends counts as use.

import { sessionFetch } from "./requests.js";

const WARNING = 600; // seconds, as in lti/expiry_views.py
const RETRY = 30;
const USES = ["click", "keydown", "pointerdown", "input", "wheel", "touchmove"];

export class LtiSession extends HTMLElement {
  #timer;
  #dueAt = Infinity;
  #usedAt = -Infinity;
  #isAsking = false;

  connectedCallback() {
    this.#lasts(Number(this.dataset.seconds));
    for (const use of USES) addEventListener(use, this.#use, { passive: true, capture: true });
    document.addEventListener("visibilitychange", this.#wake);
  }

  disconnectedCallback() {
    clearTimeout(this.#timer);
    for (const use of USES) removeEventListener(use, this.#use, { capture: true });
    document.removeEventListener("visibilitychange", this.#wake);
  }

  #use = () => {
    this.#usedAt = Date.now();
    if (this.querySelector("[data-can-stay]")) this.#ask({ isUse: true });
  };

  // Timers stand still while a laptop sleeps.
  #wake = () => {
    if (!document.hidden && Date.now() >= this.#dueAt) this.#ask({ isUse: false });
  };

  #lasts(seconds) {
    this.#in(seconds > WARNING ? seconds - WARNING : 0);
  }

  #in(seconds) {
    clearTimeout(this.#timer);
    this.#dueAt = Date.now() + seconds * 1000;
    this.#timer = setTimeout(() => this.#ask({ isUse: Date.now() - this.#usedAt < WARNING * 1000 }), seconds * 1000);
  }

  async #ask({ isUse }) {
    if (this.#isAsking) return;
    this.#isAsking = true;
    try {
      const response = await sessionFetch(this.dataset.url, isUse ? staying() : {});
      if (response.status === 401) this.#stop();
      else if (response.ok) this.#show(await response.text());
      else this.#in(RETRY);
    } catch {
      this.#in(RETRY);
    } finally {
      this.#isAsking = false;
    }
  }

  #show(html) {
    const told = new DOMParser().parseFromString(html, "text/html").body.firstElementChild;
    const seconds = Number(told.dataset.seconds);
    if (seconds > WARNING) {
      const isHolding = this.contains(document.activeElement);
      this.replaceChildren();
      if (isHolding) document.querySelector("main")?.focus({ preventScroll: true });
      this.#lasts(seconds);
      return;
    }
    // Said once; afterwards only the end itself is news, or that there is no going on.
    const canStay = "canStay" in told.dataset;
    const said = this.firstElementChild;
    if (!said || "canStay" in said.dataset !== canStay) this.replaceChildren(told);
    this.#in(seconds + 1);
  }

  // The session is over, and sessionFetch has said so.
  #stop() {
    this.replaceChildren();
    clearTimeout(this.#timer);
    this.#dueAt = Infinity;
  }
}

function staying() {
  const token = document.querySelector("input[name=csrfmiddlewaretoken]")?.value;
  return { method: "POST", headers: token ? { "X-CSRFToken": token } : {} };
}

if (!customElements.get("lti-session")) customElements.define("lti-session", LtiSession);
