// For every page of a session: htmx sends the bearer token along, and an ended session is told without losing input.

import { authorization, tellEnded } from "./requests.js";

document.addEventListener("htmx:configRequest", ({ detail }) => {
  if (authorization()) detail.headers.Authorization = authorization();
});

document.addEventListener("htmx:historyCacheMiss", ({ detail }) => {
  if (authorization()) detail.xhr.setRequestHeader("Authorization", authorization());
});

for (const failure of ["htmx:responseError", "htmx:historyCacheMissLoadError"]) {
  document.addEventListener(failure, ({ detail }) => {
    if (detail.xhr.status === 401) tellEnded(detail.xhr.responseText);
  });
}
