/* The entries of a talk, put together from what comes from two sides: answers to requests, and the stream. */

class Entries {
  /** @type {Entry[]} in the order of the talk; what is not sent yet comes last */
  list;

  constructor(list) {
    this.list = list;
  }

  /**
   * Take in what has arrived; what is there already is brought up to date.
   * @param {Entry[]} arrived
   * @param {(entry: Own) => boolean} isFlying whether an answer to it is being waited for
   * @returns {{added: Entry[], changed: Entry[], isInOrder: boolean}} isInOrder: all that is new comes last
   */
  merge(arrived, isFlying) {
    const before = [...this.list];
    const changed = [];
    const added = arrived.filter((entry) => {
      const known = this.list.find((other) => isSame(other, entry));
      if (known) changed.push(this.#update(known, entry, isFlying));
      else this.#insert(entry);
      return !known;
    });
    return { added, changed, isInOrder: before.every((entry, index) => entry === this.list[index]) };
  }

  #insert(entry) {
    if (entry.from === "patient") entry.done = true; // another tab has sent it, and sees to it
    this.list.splice(this.#placeOf(entry), 0, entry);
  }

  #update(known, entry, isFlying) {
    if (known.from !== "patient") {
      if (!known.untold) known.helpful = entry.helpful ?? known.helpful;
    } else if (!isFlying(known)) {
      known.done ||= entry.done;
      known.state = "stored";
    }
    if (known.position === null && entry.position !== null) {
      known.position = entry.position;
      this.list.splice(this.list.indexOf(known), 1);
      this.list.splice(this.#placeOf(known), 0, known);
    }
    return known;
  }

  /** Before everything that came later or is not sent yet. */
  #placeOf({ position }) {
    let index = this.list.length;
    if (position === null) return index;
    while (index > 0 && isLater(this.list[index - 1], position)) index -= 1;
    return index;
  }
}

function isLater(entry, position) {
  return entry.position === null ? isPending(entry) : entry.position > position;
}

function isSame(one, other) {
  if (one.from !== other.from || one.from === "note") return false;
  if (one.from === "patient") return one.id === other.id;
  if (one.position !== null || other.position !== null) return one.position === other.position;
  // What could not be stored has no place; a repeat of it says the same to the same message.
  return one.answers !== "" && one.answers === other.answers && one.text === other.text;
}
