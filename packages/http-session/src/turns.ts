type Schedule = (callback: () => void) => unknown

/** Runs a callback once everything that has arrived was told: behind the poll for events that comes next. */
const schedule: Schedule =
  (globalThis as { setImmediate?: Schedule }).setImmediate ?? ((callback) => setTimeout(callback, 0))

let turn: Promise<void> | null = null

/** Resolves in the next turn of the event loop; all who wait in one turn share it. */
export function nextTurn(): Promise<void> {
  turn ??= new Promise((resolve) => {
    schedule(() => {
      turn = null
      resolve()
    })
  })
  return turn
}
