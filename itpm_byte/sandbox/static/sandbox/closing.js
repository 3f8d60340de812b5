// The tool in the frame says when it is done: then the list of tools takes its place, as LMSs do.

const frame = document.getElementById("contentframe");

addEventListener("message", ({ source, data }) => {
  if (source !== frame.contentWindow || data?.subject !== "org.imsglobal.lti.close") return;
  location.assign(frame.dataset.done);
});
