import { StreamReader } from '@x/stream-reader'
import type { StreamReaderOptions } from '@x/stream-reader'

/** The options, where they are some; their members are checked by whom they are for. */
export function checkOptions<T extends object>(options: T): T {
  if (typeof options === 'object' && options !== null) return options
  throw new TypeError('options must be an object')
}

/**
 * The options of a reader, where one can be made with them: for whoever makes it later.
 *
 * @throws {TypeError | RangeError} As the constructor of `StreamReader`.
 */
export function checkReader(options: StreamReaderOptions | undefined): StreamReaderOptions | undefined {
  if (options === undefined) return undefined
  if (typeof options !== 'object' || options === null)
    throw new TypeError('option "reader" must be an object')
  const { setTimer } = options
  if (setTimer !== undefined && typeof setTimer !== 'function')
    throw new TypeError('option "reader.setTimer" must be a function')
  void new StreamReader(options)
  return options
}
