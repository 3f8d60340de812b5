// Bearer tokens of sessions in this tab, for browsers that keep no cookie in a frame. One per launch, never in an
// address. Kept by the tab's own storage, else by the page and by the LMS or the page that opened this window.

import { elsewhere } from "./stores.js";

const PREFIX = "lti_token_";
const TABS_PATIENCE = 150; // milliseconds; tabs of one browser answer in a few
const memory = new Map();

export function current(launch) {
  return memory.get(launch) ?? null;
}

export async function keep(launch, token) {
  memory.set(launch, token);
  try {
    sessionStorage.setItem(PREFIX + launch, token);
  } catch {
    await elsewhere.put(PREFIX + launch, token);
  }
}

export async function find(launch) {
  let token = current(launch);
  try {
    token ??= sessionStorage.getItem(PREFIX + launch);
  } catch {
    token ??= await elsewhere.peek(PREFIX + launch);
  }
  if (token) memory.set(launch, token);
  return token;
}

export async function forget(launch) {
  memory.delete(launch);
  try {
    sessionStorage.removeItem(PREFIX + launch);
  } catch {
    await elsewhere.take(PREFIX + launch);
  }
}

// Everything this tab holds.
function own() {
  const tokens = new Set(memory.values());
  try {
    for (const key of Object.keys(sessionStorage)) {
      if (key.startsWith(PREFIX)) tokens.add(sessionStorage.getItem(key));
    }
  } catch {
    // Nothing more is kept here.
  }
  return [...tokens];
}

// Everything this browser holds for this LMS, other tabs asked too, so that the server can end what is somebody else's.
export async function all() {
  const tokens = new Set(own());
  if (tabs) {
    const collect = ({ data }) => data.held?.forEach((token) => tokens.add(token));
    tabs.addEventListener("message", collect);
    tabs.postMessage({ asked: true });
    await new Promise((resolve) => setTimeout(resolve, TABS_PATIENCE));
    tabs.removeEventListener("message", collect);
  }
  return [...tokens];
}

function openTabs() {
  try {
    return new BroadcastChannel("lti_tokens");
  } catch {
    return null;
  }
}

const tabs = openTabs();
tabs?.addEventListener("message", ({ data }) => {
  if (data.asked && own().length) tabs.postMessage({ held: own() });
});
