/** Pages of staff. Without it everything works: times are UTC, and files come as plain links where a cookie stays. */

import { sessionFetch } from "../lti/requests.js";
import { ByteTime } from "./time.js";

if (!customElements.get("byte-time")) {
  customElements.define("byte-time", ByteTime);
}

/**
 * The file is fetched and handed over: a link cannot carry the session's token, and a link with `download` leaves out
 * the cookie of a page in a frame (Chromium).
 */
document.addEventListener("click", (event) => {
  const link = event.target.closest?.("a[data-file]");
  if (!link || event.defaultPrevented || event.button || event.ctrlKey || event.metaKey || event.shiftKey) return;
  event.preventDefault();
  hand(link);
});

async function hand(link) {
  if (link.getAttribute("aria-busy") === "true") return;
  link.setAttribute("aria-busy", "true");
  const problem = link.parentElement.querySelector("[data-file-problem]");
  if (problem) problem.textContent = "";
  try {
    const response = await sessionFetch(link.href);
    if (!response.ok) throw new Error(String(response.status));
    save(await response.blob(), nameIn(response));
  } catch {
    if (problem) problem.textContent = problem.dataset.words;
  } finally {
    link.removeAttribute("aria-busy");
  }
}

function nameIn(response) {
  return /filename="([^"]+)"/.exec(response.headers.get("Content-Disposition") ?? "")?.[1] ?? "table";
}

function save(blob, name) {
  const link = document.createElement("a");
  link.href = URL.createObjectURL(blob);
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 60_000);
}
