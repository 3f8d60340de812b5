// Tells the LMS that opened this page, in a frame or in a window, that it may close it: at a press, or after a while
// that can be stopped.

const MESSAGE = { subject: "org.imsglobal.lti.close" };
const lms = window.opener ?? (window.parent === window ? null : window.parent);
const offer = document.querySelector("[data-close]");
const byHand = document.querySelector("[data-close-by-hand]");
const countdown = offer.querySelector("[data-close-after]");

if (lms) {
  offer.hidden = false;
  byHand.hidden = true;
  offer.querySelector("[data-close-now]").addEventListener("click", close);
  if (countdown) count(Number(countdown.dataset.closeAfter));
}

function close() {
  // Says nothing but "done", so whoever framed us may hear it; which host that is, a shared issuer doesn't tell.
  lms.postMessage(MESSAGE, "*");
  byHand.hidden = false;
}

function count(seconds) {
  const left = countdown.querySelector("[data-seconds]");
  const clock = setInterval(() => {
    seconds -= 1;
    left.textContent = seconds;
    if (seconds > 0) return;
    stop();
    close();
  }, 1000);
  function stop() {
    clearInterval(clock);
    countdown.hidden = true;
  }
  countdown.querySelector("[data-stay]").addEventListener("click", () => {
    stop();
    offer.querySelector("[data-close-now]").focus();
  });
}
