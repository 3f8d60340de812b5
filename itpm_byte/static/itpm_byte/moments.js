/** Dates that a teacher fills in: UTC without this, in the teacher's own zone with it. */

const MINUTES = 16; // characters of "2026-11-23T09:30"

/** A time of the form's in the teacher's own zone, and back. */
function toLocal(utc) {
  const date = new Date(`${utc.slice(0, MINUTES)}Z`);
  return new Date(date.getTime() - date.getTimezoneOffset() * 60_000).toISOString().slice(0, MINUTES);
}

function toUtc(local) {
  return new Date(local).toISOString().slice(0, MINUTES);
}

export function showOwnTimes() {
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

document.addEventListener("htmx:load", showOwnTimes);
showOwnTimes();
