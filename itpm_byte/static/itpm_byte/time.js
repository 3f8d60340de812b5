/** <byte-time><time datetime="…">…</time></byte-time>: shows a moment in the reader's own time zone. */
export class ByteTime extends HTMLElement {
  connectedCallback() {
    const time = this.querySelector("time");
    const moment = new Date(time.dateTime);
    if (Number.isNaN(moment.getTime())) {
      return;
    }
    const format = new Intl.DateTimeFormat(document.documentElement.lang || undefined, {
      dateStyle: "medium",
      timeStyle: "short",
    });
    time.textContent = format.format(moment);
  }
}
