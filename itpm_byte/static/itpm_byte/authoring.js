/** The teacher's pages. Without it everything works: times are UTC, and a button sends the choice. */

const MINUTES = 16; // characters of "2026-11-23T09:30"

/** A time of the form's in the teacher's own zone, and back. */
function toLocal(utc) {
  const date = new Date(`${utc.slice(0, MINUTES)}Z`);
  return new Date(date.getTime() - date.getTimezoneOffset() * 60_000).toISOString().slice(0, MINUTES);
}

function toUtc(local) {
  return new Date(local).toISOString().slice(0, MINUTES);
}

function showOwnTimes() {
  const moments = [...document.querySelectorAll("[data-moment]:not([data-is-local])")];
  for (const input of moments) {
    input.dataset.isLocal = "";
    if (input.value) input.value = toLocal(input.value);
    // The button "Back" of the browser must not show UTC in a field that says otherwise.
    input.autocomplete = "off";
  }
  for (const words of document.querySelectorAll("[data-zone]")) {
    const zone = new Intl.DateTimeFormat().resolvedOptions().timeZone;
    words.textContent = words.dataset.words.replace("{zone}", zone);
  }
}

document.addEventListener("formdata", ({ target, formData }) => {
  for (const input of target.querySelectorAll("[data-moment][data-is-local]")) {
    if (input.value) formData.set(input.name, toUtc(input.value));
  }
});

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

function begin() {
  showOwnTimes();
  sendOn();
}

document.addEventListener("htmx:load", begin);
begin();
