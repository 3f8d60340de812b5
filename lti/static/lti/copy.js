// Buttons that copy the text of another element. Without scripts there is none, and the text can be selected.

function prepare() {
  for (const button of document.querySelectorAll("[data-copy]:not([data-is-ready])")) {
    button.dataset.isReady = "";
    button.hidden = false;
    button.addEventListener("click", () => copy(document.getElementById(button.dataset.copy)));
  }
}

async function copy(source) {
  const status = document.querySelector("[data-copied]");
  try {
    await navigator.clipboard.writeText(source.textContent.trim());
  } catch {
    // In the LMS's frame, where only the old way is allowed.
    getSelection().selectAllChildren(source);
    if (!document.execCommand("copy")) return;
  }
  say(status, status.dataset.copied);
}

// Emptied first, so that the same words are read out again.
function say(status, words) {
  status.textContent = "";
  requestAnimationFrame(() => {
    status.textContent = words;
  });
}

document.addEventListener("htmx:load", prepare); // pages that change without being loaded anew
prepare();
