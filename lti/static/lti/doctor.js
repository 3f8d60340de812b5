// While the doctor is looking: show how far it is, without anybody pressing a link.

const PAUSE = 1000; // milliseconds

async function refresh() {
  const old = document.getElementById("findings");
  const answer = await fetch(old.dataset.page, { headers: { Accept: "text/html" } });
  if (!answer.ok || answer.redirected) return;
  const page = new DOMParser().parseFromString(await answer.text(), "text/html");
  const found = page.getElementById("findings");
  if (!found) return;
  if (!("underWay" in found.dataset)) {
    // The finished page has the report and its copy button: take all of it as the server made it.
    location.replace(old.dataset.page);
    return;
  }
  if (found.innerHTML !== old.innerHTML) old.innerHTML = found.innerHTML;
  setTimeout(again, PAUSE);
}

function again() {
  // A lost connection is no reason to stop: the next look may succeed.
  refresh().catch(() => setTimeout(again, PAUSE * 3));
}

if ("underWay" in (document.getElementById("findings")?.dataset ?? {})) setTimeout(again, PAUSE);
