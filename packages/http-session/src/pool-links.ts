/** A member of a `LinkedLine`, at most of one at a time. */
export interface Linked<T> {
  /** Written by `LinkedLine` alone. */
  previous: T | null
  /** Written by `LinkedLine` alone. */
  next: T | null
}

/** Members in a row: any of them joins and leaves in constant time, and without garbage. */
export class LinkedLine<T extends Linked<T>> {
  #first: T | null = null
  #last: T | null = null
  #length = 0

  get first(): T | null {
    return this.#first
  }

  get last(): T | null {
    return this.#last
  }

  get length(): number {
    return this.#length
  }

  /** @param previous The member to stand behind; `null`: it becomes the first one. */
  insertBehind(previous: T | null, member: T): void {
    const next = previous === null ? this.#first : previous.next
    member.previous = previous
    member.next = next
    if (previous === null) this.#first = member
    else previous.next = member
    if (next === null) this.#last = member
    else next.previous = member
    this.#length += 1
  }

  /** @param member One of this line. */
  remove(member: T): void {
    const { previous, next } = member
    if (previous === null) this.#first = next
    else previous.next = next
    if (next === null) this.#last = previous
    else next.previous = previous
    member.previous = null
    member.next = null
    this.#length -= 1
  }
}
