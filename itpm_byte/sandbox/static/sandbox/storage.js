// The course page as the tool's memory (LTI platform storage). Each tool has a memory of its own; it lasts as long as
// the page. `mood` says how well it is meant: see storage.py.
(() => {
  const { target, mood } = document.currentScript.dataset;
  const memories = new Map(); // origin of a tool -> key -> value
  const told = new Set(); // keys whose value was told once
  const frame = target === "_parent" ? null : target;
  const others = document.querySelector("[data-takes-heights]") ? ["lti.frameResize"] : []; // see resize.js

  const act = {
    "lti.capabilities": () => ({
      supported_messages: ["lti.put_data", "lti.get_data", "lti.capabilities", ...others].map((subject) => {
        if (subject === "lti.capabilities" || others.includes(subject)) return { subject };
        return mood === "points-elsewhere" ? { subject, frame: "top" } : { subject, ...(frame && { frame }) };
      }),
    }),
    "lti.put_data": (memory, { key, value }) => {
      if (value === null) memory.delete(key);
      else memory.set(key, value);
      return { key, value };
    },
    "lti.get_data": (memory, { key }) => ({ key, value: memory.get(key) ?? null }),
  };

  function answersTo(question, origin) {
    if (typeof question !== "object" || !act[question?.subject]) return [];
    document.body.dataset.asked = `${document.body.dataset.asked ?? ""} ${question.subject}`.trim();
    if (!memories.has(origin)) memories.set(origin, new Map());
    const memory = memories.get(origin);
    const answer = {
      ...act[question.subject](memory, question),
      subject: `${question.subject}.response`,
      message_id: question.message_id,
    };
    if (question.subject !== "lti.capabilities") return bend(answer, memory);
    return mood === "reserved" ? [] : [answer];
  }

  function bend(answer, memory) {
    const forged = { ...answer, value: [...memory.values()].find((value) => value !== answer.value) ?? "forged" };
    const isFirst = !told.has(answer.key);
    if (answer.subject === "lti.get_data.response") told.add(answer.key);
    return {
      silent: [],
      twice: [answer, forged],
      swapped: [isFirst ? answer : forged],
      "wrong-value": [forged],
      "wrong-key": [{ ...answer, key: `${answer.key}_` }],
      "wrong-id": [{ ...answer, message_id: `${answer.message_id}_` }],
    }[mood] ?? [answer];
  }

  addEventListener("message", ({ source, origin, data }) => {
    const isForwarded = source === window.frames[frame] && origin === location.origin;
    const { question, tool } = isForwarded ? data : { question: data, tool: origin };
    if (frame && !isForwarded && question?.subject !== "lti.capabilities") return;
    for (const answer of answersTo(question, tool)) {
      const isAboutData = answer.subject !== "lti.capabilities.response";
      if (isAboutData && mood.startsWith("wrong-") && window.frames.stranger) {
        window.frames.stranger.postMessage({ shout: answer }, "*");
      } else {
        const send = () => source.postMessage(isForwarded ? { answer } : answer, origin);
        if (isAboutData && mood === "late") setTimeout(send, 3000);
        else send();
      }
    }
  });

  // The tool's frame starts when the storage frame can hear it.
  const [helper, tool] = document.querySelectorAll("iframe[data-src]");
  if (helper) {
    helper.addEventListener("load", () => (tool.src = tool.dataset.src), { once: true });
    helper.src = helper.dataset.src;
  }
})();
