// Questions and answers between windows: the LTI platform storage messages (CK-10 to CK-14).
// What is asked goes to one window and one origin, and only an answer from both counts, once and in time.

const PATIENCE = 1000; // milliseconds; a window that does not know the question never answers
const ANY = "*"; // only for asking what a window can do, which tells it nothing (CK-17)

export function ask(target, origin, question) {
  const id = crypto.getRandomValues(new Uint32Array(4)).join("-");
  return new Promise((resolve) => {
    const finish = (answer) => {
      clearTimeout(timer);
      removeEventListener("message", listen);
      resolve(answer);
    };
    const listen = ({ source, origin: from, data }) => {
      if (source !== target || (from !== origin && origin !== ANY)) return;
      if (typeof data !== "object" || data === null) return;
      if (data.message_id !== id || data.subject !== `${question.subject}.response`) return;
      finish(data.error || data.key !== question.key ? null : data);
    };
    const timer = setTimeout(() => finish(null), PATIENCE);
    addEventListener("message", listen);
    try {
      target.postMessage({ ...question, message_id: id }, origin);
    } catch {
      finish(null);
    }
  });
}

// What this window says it can do: subject -> name of the frame to ask, "" if it named none.
export async function capabilities(target) {
  const answer = await ask(target, ANY, { subject: "lti.capabilities" });
  const listed = Array.isArray(answer?.supported_messages) ? answer.supported_messages : [];
  return new Map(listed.map((message) => [message?.subject, String(message?.frame ?? "")]));
}

// This page becomes the memory of windows of ours that it opened itself.
export function answerWindows(opened) {
  const memory = new Map();
  addEventListener("message", ({ source, origin, data }) => {
    if (origin !== location.origin || !opened.has(source) || typeof data !== "object" || data === null) return;
    const { subject, message_id: id, key, value } = data;
    if (typeof key !== "string" || !key.startsWith("lti_")) return;
    if (subject === "lti.put_data") {
      if (value === null) memory.delete(key);
      else memory.set(key, String(value));
    } else if (subject !== "lti.get_data") {
      return;
    }
    source.postMessage({ subject: `${subject}.response`, message_id: id, key, value: memory.get(key) ?? null }, origin);
  });
}
