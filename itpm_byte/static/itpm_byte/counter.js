/** <byte-counter data-words="{count} of {limit} characters">: says how much of a text field is used. */
export class ByteCounter extends HTMLElement {
  connectedCallback() {
    const field = this.querySelector("textarea");
    const words = this.querySelector("p");
    const show = () => {
      words.textContent = this.dataset.words
        .replace("{count}", field.value.length)
        .replace("{limit}", field.maxLength);
    };
    field.addEventListener("input", show);
    show();
  }
}
