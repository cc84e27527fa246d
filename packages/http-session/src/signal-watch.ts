/**
 * Who waits for a signal to be aborted: any number, with one listener on the signal itself, which is there as long as somebody waits.
 *
 * A listener for each would cost more, and runtimes warn of signals with more than ten: they take them for forgotten ones.
 */

/** Somebody to be told. */
export interface SignalWatcher {
  /** The signal is aborted. */
  handleEvent(): void
}

/** A signal's own, found by it alone: it keeps nothing alive. */
const watches = new WeakMap<AbortSignal, SignalWatch>()

/** Tells `watcher` when the signal is aborted, once, unless `unwatchSignal` comes first. Not if it is aborted already. */
export function watchSignal(signal: AbortSignal | undefined, watcher: SignalWatcher): void {
  if (signal === undefined || signal.aborted) return
  const watch = watches.get(signal)
  if (watch === undefined) watches.set(signal, new SignalWatch(signal, watcher))
  else watch.join(watcher)
}

/** Takes `watchSignal` back. No effect where the watcher was told. */
export function unwatchSignal(signal: AbortSignal | undefined, watcher: SignalWatcher): void {
  if (signal !== undefined) watches.get(signal)?.leave(watcher)
}

class SignalWatch {
  readonly #signal: AbortSignal
  /** Most signals have one at a time. */
  #first: SignalWatcher | null
  #others: Set<SignalWatcher> | null = null

  constructor(signal: AbortSignal, first: SignalWatcher) {
    this.#signal = signal
    this.#first = first
    signal.addEventListener('abort', this) // removed by `#end`
  }

  join(watcher: SignalWatcher): void {
    this.#others ??= new Set()
    this.#others.add(watcher)
  }

  leave(watcher: SignalWatcher): void {
    if (this.#first === watcher) this.#first = null
    else this.#others?.delete(watcher)
    if (this.#first === null && (this.#others === null || this.#others.size === 0)) this.#end()
  }

  /** The signal is aborted: they are told in the order in which they came. Whoever leaves meanwhile is not. */
  handleEvent(): void {
    const first = this.#first
    this.#first = null
    if (first !== null) tell(first)
    for (const watcher of this.#others ?? []) tell(watcher)
    this.#end()
  }

  #end(): void {
    this.#signal.removeEventListener('abort', this)
    watches.delete(this.#signal)
  }
}

/** What one throws must not keep the others from hearing: it is thrown where nobody catches it, as of any listener. */
function tell(watcher: SignalWatcher): void {
  try {
    watcher.handleEvent()
  } catch (error) {
    queueMicrotask(() => {
      throw error
    })
  }
}
