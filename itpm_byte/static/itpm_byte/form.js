/**
 * <byte-form data-key="…">: sends the form inside without leaving the page, and says how that goes.
 *
 * data-key       names the letter in the outbox; the same key is never sent twice at the same time
 * data-restore   the form takes up a letter that an earlier page could not deliver, or what was chosen and not sent
 * data-saving, data-waiting, data-failed, data-ended   the words for the four states
 */

import { outbox } from "./post.js";
import { swap } from "./swap.js";

export class ByteForm extends HTMLElement {
  connectedCallback() {
    this.form = this.querySelector("form");
    if (!this.form || this.isReady) {
      return;
    }
    this.isReady = true;
    this.form.addEventListener("submit", (event) => {
      event.preventDefault();
      this.submit();
    });
    if ("restore" in this.dataset) {
      this.restore();
      this.form.addEventListener("input", () => outbox().keepDraft(this.dataset.key, this.body()));
    }
  }

  submit() {
    if (this.isChoiceMissing()) {
      this.showMissing();
      return;
    }
    this.deliver(this.body());
  }

  body() {
    return new URLSearchParams(new FormData(this.form)).toString();
  }

  /** An answer that the last page could not send: choose it again and send it. What was only chosen is not sent. */
  restore() {
    const letter = outbox().left(this.dataset.key);
    const draft = outbox().draft(this.dataset.key);
    if (letter !== undefined) {
      this.resend(this.fill(letter));
    } else if (draft !== undefined) {
      this.fill(draft);
    }
  }

  fill(body) {
    const values = new URLSearchParams(body);
    for (const field of this.form.querySelectorAll("input, textarea")) {
      if (field.type === "radio" || field.type === "checkbox") {
        field.checked = values.getAll(field.name).includes(field.value);
      } else if (field.type !== "hidden") {
        field.value = values.get(field.name) ?? field.value;
        field.dispatchEvent(new Event("input")); // for the counter; it does not bubble, so nothing new is kept
      }
    }
    // What was written stands where it can be seen.
    this.closest("details")?.setAttribute("open", "");
    return values;
  }

  resend(values) {
    const fresh = new FormData(this.form);
    // The page's own proof against forged forms is newer than the one in the letter.
    if (fresh.has("csrfmiddlewaretoken")) {
      values.set("csrfmiddlewaretoken", fresh.get("csrfmiddlewaretoken"));
    }
    this.deliver(values.toString());
  }

  async deliver(body) {
    const letter = { key: this.dataset.key, url: this.form.action, body };
    this.setBusy(true);
    try {
      const response = await outbox().deliver(letter, (state) => this.tell(state));
      if (response !== null) {
        await this.receive(response);
      }
    } finally {
      this.setBusy(false);
    }
  }

  async receive(response) {
    const isFragment = response.headers.get("Content-Type")?.startsWith("text/html");
    if (isFragment && (response.ok || response.status === 422)) {
      swap(await response.text());
      if (response.ok) {
        history.replaceState(history.state, "", location.pathname);
      }
      return;
    }
    this.tell(response.status === 401 || response.status === 403 ? "ended" : "failed");
  }

  isChoiceMissing() {
    const choices = [...this.form.querySelectorAll("input[type=radio], input[type=checkbox]")];
    return choices.length > 0 && !choices.some((choice) => choice.checked);
  }

  showMissing() {
    const error = this.form.querySelector(".error");
    error.hidden = false;
    error.focus();
  }

  setBusy(isBusy) {
    const button = this.form.querySelector("button");
    if (isBusy) {
      button.setAttribute("aria-disabled", "true");
    } else {
      button.removeAttribute("aria-disabled");
    }
  }

  tell(state) {
    const words = this.form.querySelector(".saving");
    if (words) {
      words.dataset.state = state;
      words.textContent = this.dataset[state] ?? "";
    }
  }
}
