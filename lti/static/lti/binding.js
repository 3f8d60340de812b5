// Ties a launch to the browser that began the login, with or without cookies (CK-01 to CK-04, CK-16, CK-22).
// The server has set a cookie already; this tries, in order: own storage, the LMS's (platform) storage, a new window.

import { answerWindows } from "./messages.js";
import { openWithToken, showPage } from "./page.js";
import { openerMemory, ownStorage, platformMemory, take } from "./stores.js";
import * as tokens from "./tokens.js";

const data = document.body.dataset;
const part = (id) => document.getElementById(id);

function show(id) {
  for (const section of document.querySelectorAll("main > *")) section.hidden = section.id !== id;
  part(id).querySelector("h1[tabindex]")?.focus();
}

async function isCookieKept() {
  try {
    const response = await fetch(data.probeUrl, { cache: "no-store" });
    return (await response.json()).kept === true;
  } catch {
    return false;
  }
}

// Before going to the LMS: its message hint may work only once, so what can't work must be known now.
async function login() {
  const isBound =
    (await ownStorage.put(data.key, data.secret)) ||
    (await isCookieKept()) ||
    (await platformMemory.put(data.key, data.secret)) ||
    (await openerMemory.put(data.key, data.secret));
  if (isBound) location.replace(data.authUrl);
  else if (window.top === window) show("help");
  else offerWindow();
}

function offerWindow() {
  const opened = new Set();
  answerWindows(opened);
  show("new-window");
  part("open-window").addEventListener("click", (event) => {
    event.preventDefault();
    const own = window.open(event.currentTarget.href, "_blank");
    if (own) opened.add(own);
    part("offer").hidden = Boolean(own); // the LMS may accept this login only once
    part("window-open").hidden = !own;
    part("window-blocked").hidden = Boolean(own);
  });
}

async function confirm() {
  const secret = await take(data.key);
  if (!secret) return show("help");
  return attempt(() => prove(secret));
}

async function prove(secret) {
  const response = await fetch(data.confirmUrl, {
    method: "POST",
    headers: { "Content-Type": "application/json" },
    body: JSON.stringify({ ticket: data.ticket, secret, tokens: await tokens.all() }),
  });
  if (!response.ok) return showPage(await response.text(), location.href);
  const { url, token, ended } = await response.json();
  for (const launch of ended) await tokens.forget(launch);
  if (await isCookieKept()) return location.replace(url);
  await tokens.keep(data.launch, token);
  return openWithToken(url, data.launch);
}

async function shell() {
  if (!(await tokens.find(data.launch))) return show("help");
  return attempt(() => openWithToken(location.href, data.launch));
}

// What the network interrupted can be tried again; nothing is asked for twice.
async function attempt(step) {
  show("working");
  try {
    await step();
  } catch {
    show("retry");
    part("retry").querySelector("button").addEventListener("click", () => attempt(step), { once: true });
  }
}

await { login, confirm, shell }[data.ltiStep]();
