// Buttons that copy the text of another element. Without scripts there is none, and the text can be selected.

const status = document.querySelector("[data-copied]");

for (const button of document.querySelectorAll("[data-copy]")) {
  button.hidden = !navigator.clipboard;
  button.addEventListener("click", async () => {
    const source = document.getElementById(button.dataset.copy);
    try {
      await navigator.clipboard.writeText(source.textContent.trim());
      say(status.dataset.copied);
    } catch {
      getSelection().selectAllChildren(source);
    }
  });
}

// Emptied first, so that the same words are read out again.
function say(words) {
  status.textContent = "";
  requestAnimationFrame(() => {
    status.textContent = words;
  });
}
