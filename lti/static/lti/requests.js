// Requests of a session's page: with the bearer token where there is no cookie, and with a calm word when the session
// is over. What was typed stays in the page.

import { current } from "./tokens.js";

const LAUNCH = /^\/l\/([0-9a-f-]{36})\//;

export function authorization() {
  const launch = LAUNCH.exec(location.pathname)?.[1];
  const token = launch && current(launch);
  return token ? `Bearer ${token}` : null;
}

// Like fetch, for addresses of this session. A page that posts in cookie mode adds its form's CSRF token itself.
export async function sessionFetch(url, options = {}) {
  const headers = new Headers(options.headers);
  if (authorization()) headers.set("Authorization", authorization());
  const response = await fetch(url, { ...options, headers });
  if (response.status === 401) tellEnded(await response.clone().text());
  return response;
}

export function tellEnded(html) {
  if (document.querySelector("dialog.lti-dialog[open]")) return;
  const notice = new DOMParser().parseFromString(html, "text/html").querySelector("[data-lti-notice]");
  if (!notice) return;
  const dialog = document.createElement("dialog");
  dialog.className = "lti-dialog";
  const heading = notice.querySelector("h1");
  heading.id = "lti-ended-title";
  dialog.setAttribute("aria-labelledby", heading.id);
  for (const offer of notice.querySelectorAll("[data-lti-close]")) {
    offer.hidden = false;
    offer.querySelector("button").addEventListener("click", () => dialog.close());
  }
  dialog.addEventListener("close", () => dialog.remove());
  dialog.append(notice);
  document.body.append(dialog);
  dialog.showModal();
}
