/** <byte-link>: follows the link inside without leaving the page. */

import { get } from "./post.js";
import { swap } from "./swap.js";

export class ByteLink extends HTMLElement {
  connectedCallback() {
    const link = this.querySelector("a");
    link?.addEventListener("click", async (event) => {
      event.preventDefault();
      const response = await get(link.href).catch(() => null);
      if (response?.ok) {
        swap(await response.text());
        // A reload shows the same again.
        history.replaceState(history.state, "", link.href);
      } else if (response?.status !== 401) {
        location.assign(link.href);
      }
    });
  }
}
