// The course page as an LMS that lets a tool say how high its frame should be (lti.frameResize).
(() => {
  const frame = document.getElementById("contentframe");
  const isAnsweredElsewhere = () => document.querySelector("script[data-mood]"); // storage.js says what this page can do

  addEventListener("message", ({ source, origin, data }) => {
    if (source !== frame.contentWindow || typeof data !== "object" || data === null) return;
    if (data.subject === "lti.capabilities" && !isAnsweredElsewhere()) {
      const supported = [{ subject: "lti.capabilities" }, { subject: "lti.frameResize" }];
      const answer = { subject: "lti.capabilities.response", message_id: data.message_id, supported_messages: supported };
      source.postMessage(answer, origin);
    }
    if (data.subject === "lti.frameResize" && Number.isFinite(data.height)) frame.style.height = `${data.height}px`;
  });
})();
