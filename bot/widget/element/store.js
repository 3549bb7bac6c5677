/* What this tab keeps. */

/** The tab's own storage. Where there is none, or it is full, things live as long as the page. */
class Store {
  #area = null;
  #prefix;

  constructor(prefix) {
    this.#prefix = prefix;
    try {
      this.#area = sessionStorage;
    } catch {
      // Switched off for this site, or a sandboxed frame.
    }
  }

  read(name) {
    return this.#area ? parse(this.#area.getItem(this.#prefix + name)) : null;
  }

  /** @returns {boolean} whether it is kept */
  write(name, value) {
    try {
      this.#area.setItem(this.#prefix + name, JSON.stringify(value));
      return true;
    } catch {
      return false;
    }
  }
}
