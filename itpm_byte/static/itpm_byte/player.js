/** Makes the Byte page livelier. Without it the page still reads and answers: each element wraps plain HTML. */

import "../lti/expiry.js";
import { ByteCounter } from "./counter.js";
import { ByteForm } from "./form.js";
import { ByteGrade } from "./grade.js";
import { ByteLink } from "./link.js";
import { ByteReader } from "./reader.js";
import { ByteTime } from "./time.js";

const elements = {
  "byte-counter": ByteCounter,
  "byte-form": ByteForm,
  "byte-grade": ByteGrade,
  "byte-link": ByteLink,
  "byte-reader": ByteReader,
  "byte-time": ByteTime,
};

// Only where an LMS frames the page.
if (document.querySelector("lti-frame")) import("../lti/frame.js");

for (const [name, element] of Object.entries(elements)) {
  if (!customElements.get(name)) {
    customElements.define(name, element);
  }
}
