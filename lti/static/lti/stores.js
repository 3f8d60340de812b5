// Where a browser that keeps no cookie may keep a login's secret until the LMS sends the person back.
// Each store: put(key, value) says whether the value can really be read back; take(key) reads and deletes.
// Any of them may throw in a strict browser, so each access has a try of its own.

import { ask, capabilities } from "./messages.js";

// Our own origin's storage, which browsers partition per LMS. It needs nothing from the LMS (CK-03a).
export const ownStorage = {
  async put(key, value) {
    try {
      forgetOldLogins();
      const entry = JSON.stringify({ value, at: Date.now() });
      localStorage.setItem(key, entry);
      return localStorage.getItem(key) === entry;
    } catch {
      return false;
    }
  },
  async take(key) {
    try {
      const entry = JSON.parse(localStorage.getItem(key));
      localStorage.removeItem(key);
      return entry?.value ?? null;
    } catch {
      return null;
    }
  },
};

// Logins that never came back, as when the LMS asked for a password in between.
function forgetOldLogins() {
  const oldest = Date.now() - 15 * 60 * 1000;
  for (const key of Object.keys(localStorage)) {
    if (key.startsWith("lti_") && !(JSON.parse(localStorage.getItem(key)).at > oldest)) localStorage.removeItem(key);
  }
}

// The memory of another window, reached by messages. Without a window, or without an answer, nothing is kept.
function windowMemory(findWindow, origin) {
  const reach = async (question) => {
    const target = await findWindow(question.subject);
    return target ? ask(target, origin, question) : null;
  };
  const peek = async (key) => (await reach({ subject: "lti.get_data", key }))?.value ?? null;
  return {
    peek,
    async put(key, value) {
      return Boolean(await reach({ subject: "lti.put_data", key, value })) && (await peek(key)) === value;
    },
    async take(key) {
      const value = await peek(key);
      if (value !== null) reach({ subject: "lti.put_data", key, value: null }); // nobody waits for it
      return value;
    },
  };
}

// The LMS keeps it for us (CK-03, CK-10 to CK-19), in a frame that it named at login or names when asked. What we ask
// goes to the origin of its authorization address only, whichever page shows us or has such a frame (CK-17).
const { storageOrigin, storageTarget } = document.body.dataset;
export const platformMemory = windowMemory(findPlatform, storageOrigin);
let known;

async function findPlatform(subject) {
  const page = window.parent === window ? storageTarget && window.opener : window.parent;
  if (!page || !storageOrigin) return null;
  known ??= capabilities(page);
  const abilities = await known;
  const name = abilities.get(subject) || storageTarget || (abilities.has(subject) ? "_parent" : "");
  return name === "_parent" ? page : frameOf(page, name);
}

// A frame of that page and nothing else: names such as "top" or "location" lead elsewhere (CK-18).
function frameOf(page, name) {
  try {
    const found = page.frames[name];
    return Array.from({ length: page.length }, (_, place) => page[place]).find((frame) => frame === found) ?? null;
  } catch {
    return null; // no frame of that name
  }
}

// Our own page in the course, when it opened this window (CK-04).
export const openerMemory = windowMemory(() => window.opener, location.origin);

// In the order in which they are tried.
export const stores = [ownStorage, platformMemory, openerMemory];

export async function take(key) {
  for (const store of stores) {
    const value = await store.take(key);
    if (value) return value;
  }
  return null;
}

// What outlives the page where this tab's own storage is refused: the LMS, or the page that opened this window.
export const elsewhere = {
  put: async (key, value) => (await platformMemory.put(key, value)) || openerMemory.put(key, value),
  peek: async (key) => (await platformMemory.peek(key)) ?? openerMemory.peek(key),
  take: async (key) => (await platformMemory.take(key)) ?? openerMemory.take(key),
};
