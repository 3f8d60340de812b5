/** The teacher's pages. Without it everything works: times are UTC, and a button sends the choice. */

import "./moments.js";

/** Once: whoever comes back to this page by the browser's button finds the page's own button. */
function sendOn() {
  const place = document.querySelector("[data-send-on]");
  if (!place || wasSent(place.dataset.sendOn)) return;
  place.querySelector("form").submit();
}

const sent = new Set();

function wasSent(launch) {
  const key = `authoring_sent_${launch}`;
  const isKnown = sent.has(launch);
  sent.add(launch);
  try {
    const isKept = sessionStorage.getItem(key) !== null;
    sessionStorage.setItem(key, "");
    return isKnown || isKept;
  } catch {
    return isKnown;
  }
}

document.addEventListener("htmx:load", sendOn);
sendOn();
