/**
 * What the learner has said and the server has not confirmed yet.
 *
 * A letter waits in memory and, where the browser allows it, in sessionStorage, so that neither a dropped connection
 * nor a reload loses it. It is sent again with growing pauses and as soon as the connection is back. The server
 * understands repeats: sending a letter twice does no harm.
 *
 * A draft is what was chosen or typed and not sent. It is kept beside the letters, because the session may end, and be
 * told to have ended, before the learner presses the button.
 */

const PREFIX = "byte-outbox:";
const DRAFT = "draft:";
const FIRST_PAUSE = 1000;
const LONGEST_PAUSE = 30000;

export class Outbox {
  #letters = new Map();
  #shelf;
  #send;
  #pause;

  /**
   * @param {object} parts
   * @param {string} parts.name        whose outbox this is; another learner's letters are never looked at
   * @param {(letter: object) => Promise<Response>} parts.send
   * @param {(milliseconds: number) => Promise<void>} [parts.pause]
   */
  constructor({ name, send, pause = waitOrOnline }) {
    this.#shelf = new Shelf(PREFIX + name);
    this.#send = send;
    this.#pause = pause;
  }

  /** The body of a letter that an earlier page could not deliver, or undefined. */
  left(key) {
    return this.#shelf.read()[key];
  }

  keepDraft(key, body) {
    this.#shelf.put(DRAFT + key, body);
  }

  /** What stood in the form of an earlier page and was not sent, or undefined. */
  draft(key) {
    return this.#shelf.read()[DRAFT + key];
  }

  isWaiting() {
    return this.#letters.size > 0;
  }

  /**
   * Sends the letter until the server answers. While it is on its way, a second call with the same key is refused
   * (null): that is the double click.
   *
   * @param {object} letter             {key, url, body}; body is a query string
   * @param {(state: "saving"|"waiting") => void} tell
   * @returns {Promise<Response|null>}  the server's final word, good or bad
   */
  async deliver(letter, tell) {
    if (this.#letters.has(letter.key)) {
      return null;
    }
    this.#letters.set(letter.key, letter);
    this.#shelf.put(letter.key, letter.body);
    tell("saving");
    try {
      for (let tries = 0; ; tries += 1) {
        const response = await this.#send(letter).catch(() => null);
        if (response !== null && isFinal(response)) {
          if (response.status !== 401 && response.status !== 403) {
            this.#shelf.drop(letter.key);
          }
          if (response.ok) {
            this.#shelf.drop(DRAFT + letter.key);
          }
          return response;
        }
        tell("waiting");
        await this.#pause(pauseAfter(tries, response));
      }
    } finally {
      this.#letters.delete(letter.key);
    }
  }
}

/** Takes away what another person, who sat here before, left in this tab. A name is "<place>:<person>". */
export function forgetOthers(name) {
  const person = name.slice(name.lastIndexOf(":"));
  try {
    for (const key of Object.keys(sessionStorage)) {
      if (key.startsWith(PREFIX) && !key.endsWith(person)) {
        sessionStorage.removeItem(key);
      }
    }
  } catch {
    // This browser keeps nothing.
  }
}

/** Overload, time-outs and broken gateways are worth another try; every other answer is the server's last word. */
function isFinal(response) {
  return response.status < 500 && ![408, 425, 429].includes(response.status);
}

function pauseAfter(tries, response) {
  const asked = Number(response?.headers.get("Retry-After"));
  if (asked > 0) {
    return Math.min(asked * 1000, LONGEST_PAUSE);
  }
  // Half of it by chance: a whole class that lost the connection does not come back in the same moment.
  return Math.min(FIRST_PAUSE * 2 ** tries, LONGEST_PAUSE) * (0.5 + Math.random() / 2);
}

function waitOrOnline(milliseconds) {
  return new Promise((resolve) => {
    const done = () => {
      clearTimeout(timer);
      removeEventListener("online", done);
      resolve();
    };
    const timer = setTimeout(done, milliseconds);
    addEventListener("online", done);
  });
}

/** A small JSON object in sessionStorage; an empty one where the browser refuses. */
class Shelf {
  #name;
  #memory = {};

  constructor(name) {
    this.#name = name;
  }

  read() {
    try {
      return JSON.parse(sessionStorage.getItem(this.#name)) ?? {};
    } catch {
      return this.#memory;
    }
  }

  put(key, body) {
    this.#write({ ...this.read(), [key]: body });
  }

  drop(key) {
    const { [key]: _gone, ...rest } = this.read();
    this.#write(rest);
  }

  #write(letters) {
    this.#memory = letters;
    try {
      sessionStorage.setItem(this.#name, JSON.stringify(letters));
    } catch {
      // The memory of this page must do.
    }
  }
}
