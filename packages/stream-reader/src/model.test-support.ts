/** The simplest reader there could be, over a string: what the real one is held against. */

export type ModelRead =
  | { read: 'read' | 'readInto' | 'readExactly' | 'peek' | 'skip'; byteCount: number }
  | { read: 'readUntil'; separator: string; limit: number }
  | { read: 'readLine' | 'readAll' | 'decode'; limit: number }

/** A value, or the code of an error. */
export type ModelResult = { value: unknown } | { error: string }

const INCOMPLETE = 'ERR_INCOMPLETE_READ'
const LIMIT = 'ERR_LIMIT_EXCEEDED'

export class ReaderModel {
  buffered = ''
  ended = false
  failed = false
  /** The buffered bytes begin in a line that was refused as too long. */
  overlong = false

  /** What the read gives now; `undefined` where it waits. */
  attempt(read: ModelRead): ModelResult | undefined {
    if (this.failed && this.buffered === '') return { error: 'ERR_STREAM_FAILED' }
    const result = this.#attempt(read)
    return result ?? (this.failed ? { error: 'ERR_STREAM_FAILED' } : undefined)
  }

  #attempt(read: ModelRead): ModelResult | undefined {
    const { buffered, ended } = this
    switch (read.read) {
      case 'read':
      case 'readInto': {
        if (buffered === '' && read.byteCount > 0) return ended ? { value: null } : undefined
        const taken = this.#take(Math.min(read.byteCount, buffered.length))
        return { value: read.read === 'read' ? taken : taken.length }
      }
      case 'readExactly':
        return buffered.length >= read.byteCount ? { value: this.#take(read.byteCount) } : this.#starved()
      case 'peek':
        if (buffered.length < read.byteCount && !ended) return undefined
        return { value: buffered.slice(0, read.byteCount) }
      case 'skip': {
        const dropped = Math.min(read.byteCount, buffered.length)
        this.#take(dropped)
        read.byteCount -= dropped
        return read.byteCount === 0 ? { value: undefined } : this.#starved()
      }
      case 'readAll':
        if (buffered.length > read.limit) return { error: LIMIT }
        return ended ? { value: this.#take(buffered.length) } : undefined
      case 'readUntil':
        return this.#until(read)
      case 'readLine':
        return this.#line(read.limit)
      case 'decode':
        return this.#frame(read.limit)
    }
  }

  unread(content: string): void {
    this.buffered = content + this.buffered
    if (content !== '') this.overlong = false
  }

  #until({ separator, limit }: { separator: string; limit: number }): ModelResult | undefined {
    const at = this.buffered.indexOf(separator)
    if ((at < 0 ? this.buffered.length + 1 - separator.length : at) > limit) return { error: LIMIT }
    return at < 0 ? this.#starved() : { value: this.#take(at + separator.length) }
  }

  #line(limit: number): ModelResult | undefined {
    if (this.overlong) {
      const lf = this.buffered.indexOf('\n')
      this.#take(lf < 0 ? this.buffered.length : lf + 1)
      this.overlong = lf < 0
    }
    const lf = this.buffered.indexOf('\n')
    if (lf < 0 && this.ended && this.buffered === '') return { value: null }
    const terminated = lf >= 0 || !this.ended
    const raw = lf < 0 ? this.buffered : this.buffered.slice(0, lf)
    const content = terminated ? raw.replace(/\r$/, '') : raw
    if (content.length > limit) {
      this.overlong = true
      return { error: LIMIT }
    }
    if (lf < 0 && !this.ended) return undefined
    this.#take(lf < 0 ? this.buffered.length : lf + 1)
    return { value: content }
  }

  /** A digit and as many bytes; another character counts as three. */
  #frame(limit: number): ModelResult | undefined {
    const shown = this.buffered.slice(0, limit)
    const byteCount = Number.parseInt(shown.slice(0, 1), 10)
    const needed = 1 + (Number.isNaN(byteCount) ? 3 : byteCount)
    if (shown.length > 0 && shown.length >= needed) return { value: this.#take(needed) }
    return this.buffered.length > limit ? { error: LIMIT } : this.#starved()
  }

  #starved(): ModelResult | undefined {
    if (!this.ended) return undefined
    this.#take(this.buffered.length)
    return { error: INCOMPLETE }
  }

  #take(byteCount: number): string {
    const taken = this.buffered.slice(0, byteCount)
    this.buffered = this.buffered.slice(byteCount)
    // Only the line read itself says that what follows is still the same line.
    if (byteCount > 0) this.overlong = false
    return taken
  }
}
