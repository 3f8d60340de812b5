/** Puts pieces of HTML from the server in the places of those with the same ids, then moves the focus. */
export function swap(html) {
  const pieces = new DOMParser().parseFromString(html, "text/html").body.children;
  const fresh = [];
  for (const piece of [...pieces]) {
    const place = piece.id && document.getElementById(piece.id);
    if (place) {
      const adopted = document.importNode(piece, true);
      place.replaceWith(adopted);
      fresh.push(adopted);
    }
  }
  const marked = fresh.flatMap((piece) => [piece, ...piece.querySelectorAll("[data-focus]")]);
  marked.find((piece) => piece.matches("[data-focus]"))?.focus();
}
