/**
 * <byte-reader data-words="{count} of {total} parts">: notices which parts were read, fills the bar at the top and
 * tells the server. Without a form inside (a preview) nothing is sent.
 */

import { outbox } from "./post.js";

const ENOUGH = 0.6;
const DWELL = 800;
const GATHER = 400;

export class ByteReader extends HTMLElement {
  #observer;
  #timers = new Map();
  #unsent = new Set();
  #gathering;
  #leave = () => document.hidden && this.#tell();

  connectedCallback() {
    if (this.#observer) {
      return;
    }
    this.#observer = new IntersectionObserver((entries) => entries.forEach((entry) => this.#notice(entry)), {
      threshold: [0, 0.2, 0.4, ENOUGH, 0.8, 1],
    });
    document.addEventListener("visibilitychange", this.#leave);
    for (const part of document.querySelectorAll("[data-part]")) {
      if (!this.#bit(part.id)?.classList.contains("is-seen")) {
        this.#observer.observe(part);
      }
    }
  }

  disconnectedCallback() {
    document.removeEventListener("visibilitychange", this.#leave);
    this.#observer?.disconnect();
    this.#observer = undefined;
  }

  /** A part counts when most of it, or of the window, was taken by it for a moment. */
  #notice(entry) {
    const part = entry.target;
    const fillsWindow = entry.rootBounds && entry.intersectionRect.height >= entry.rootBounds.height * ENOUGH;
    if (entry.intersectionRatio >= ENOUGH || fillsWindow) {
      if (!this.#timers.has(part.id)) {
        this.#timers.set(part.id, setTimeout(() => this.#see(part), DWELL));
      }
      return;
    }
    clearTimeout(this.#timers.get(part.id));
    this.#timers.delete(part.id);
  }

  #see(part) {
    this.#observer?.unobserve(part);
    this.#bit(part.id)?.classList.add("is-seen");
    const bits = [...this.querySelectorAll(".bits li")];
    const count = bits.filter((bit) => bit.classList.contains("is-seen")).length;
    this.querySelector(".meter-words").textContent = this.dataset.words
      .replace("{count}", count)
      .replace("{total}", bits.length);
    this.#unsent.add(part.id);
    clearTimeout(this.#gathering);
    this.#gathering = setTimeout(() => this.#tell(), GATHER);
  }

  async #tell() {
    const form = this.querySelector("form");
    if (!form || this.#unsent.size === 0) {
      return;
    }
    const sections = [...this.#unsent];
    const body = new URLSearchParams(new FormData(form));
    sections.forEach((id) => body.append("section", id));
    const words = this.querySelector(".saving");
    const response = await outbox().deliver({ key: "seen", url: form.action, body: body.toString() }, (state) => {
      words.dataset.state = state;
      words.textContent = state === "waiting" ? this.dataset.waiting : "";
    });
    if (response === null) {
      this.#gathering = setTimeout(() => this.#tell(), GATHER);
      return;
    }
    words.textContent = "";
    if (response.status === 401 || response.status === 403) {
      form.remove(); // the session is over and that has been said once: now reading goes on in peace
      return;
    }
    sections.forEach((id) => this.#unsent.delete(id));
  }

  #bit(id) {
    return this.querySelector(`.bits [data-for="${CSS.escape(id)}"]`);
  }
}
