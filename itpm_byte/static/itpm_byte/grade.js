/**
 * <byte-grade data-state="…" data-status-url="…" data-fragment-url="…">: while the score is on its way to the LMS,
 * asks now and then whether it has arrived, and then fetches the new words. Gives up after two minutes.
 */

import { get } from "./post.js";
import { swap } from "./swap.js";

const FIRST_PAUSE = 1000;
const LONGEST_PAUSE = 10000;
const PATIENCE = 120000;

/** For those who hear the page: what is said in a place that was there before is read aloud, wherever the focus is. */
function tellNews() {
  const words = document.querySelector("#grade .notice")?.textContent ?? "";
  document.getElementById("news").textContent = words.replace(/\s+/g, " ").trim();
}

export class ByteGrade extends HTMLElement {
  #timer;

  connectedCallback() {
    if (this.dataset.state === "waiting") {
      this.#later(FIRST_PAUSE, Date.now() + PATIENCE);
    }
  }

  disconnectedCallback() {
    clearTimeout(this.#timer);
  }

  #later(pause, end) {
    if (Date.now() + pause > end) {
      return;
    }
    this.#timer = setTimeout(async () => {
      if (!document.hidden && (await this.#hasNews())) {
        const response = await get(this.dataset.fragmentUrl).catch(() => null);
        if (response?.ok) {
          swap(await response.text());
          tellNews();
          return;
        }
      }
      this.#later(Math.min(pause * 1.6, LONGEST_PAUSE), end);
    }, pause);
  }

  async #hasNews() {
    const response = await get(this.dataset.statusUrl, "application/json").catch(() => null);
    if (!response?.ok) {
      return false;
    }
    const { grade } = await response.json();
    return grade.state !== "waiting";
  }
}
