// Where a browser that keeps no cookie may keep a login's secret until the LMS sends the person back.
// Each store: put(key, value) says whether the value can really be read back; take(key) reads and deletes.
// Any of them may throw in a strict browser, so each access has a try of its own.

import { ask } from "./messages.js";

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
  const reach = (question) => {
    const target = findWindow();
    return target ? ask(target, origin, question) : null;
  };
  return {
    async put(key, value) {
      await reach({ subject: "lti.put_data", key, value });
      const kept = await reach({ subject: "lti.get_data", key });
      return kept?.value === value;
    },
    async peek(key) {
      const kept = await reach({ subject: "lti.get_data", key });
      return kept?.value ?? null;
    },
    async take(key) {
      const value = await this.peek(key);
      if (value !== null) await reach({ subject: "lti.put_data", key, value: null });
      return value;
    },
  };
}

// Our own page in the course, when it opened this window (CK-04).
export const openerMemory = windowMemory(() => window.opener, location.origin);

// In the order in which they are tried. Platform storage, the LMS frame as a windowMemory with the origin of the
// registration's authorization address, has its place between these two (CK-03, CK-17).
export const stores = [ownStorage, openerMemory];

export async function take(key) {
  for (const store of stores) {
    const value = await store.take(key);
    if (value) return value;
  }
  return null;
}
