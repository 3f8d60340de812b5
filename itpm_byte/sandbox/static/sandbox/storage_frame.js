// A frame of the course page. It hands a tool's questions on to the page and the answers back, as Canvas' does; or, as
// a stranger, tells all frames around what the page asks it to shout.
(() => {
  const waiting = new Map(); // id of a question -> who asked, and from where
  addEventListener("message", ({ source, origin, data }) => {
    if (source === window.parent && data.shout) {
      for (let place = 0; place < parent.length; place += 1) parent[place].postMessage(data.shout, "*");
    } else if (source === window.parent) {
      const { tool, at } = waiting.get(data.answer.message_id) ?? [...waiting.values()].at(-1);
      tool.postMessage(data.answer, at);
    } else {
      waiting.set(data.message_id, { tool: source, at: origin });
      window.parent.postMessage({ question: data, tool: origin }, location.origin);
    }
  });
})();
