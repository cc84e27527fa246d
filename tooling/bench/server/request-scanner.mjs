// Finds where requests end, for servers that answer without looking at anything but the target: no parsing beyond that.

/**
 * @typedef {object} State Of one connection.
 * @property {'head' | 'content' | 'chunk size' | 'chunk data' | 'trailers'} reading
 * @property {number} left Content that is still to come; of chunked content the chunk with its CRLF.
 * @property {string} target
 * @property {(target: string) => void} onRequest
 */

/** @type {Record<State['reading'], (state: State, bytes: Buffer) => number>} Each says how many bytes it used; 0: too few. */
const TAKE = {
  head: takeHead,
  content: takeContent,
  'chunk size': takeLine,
  'chunk data': takeContent,
  trailers: takeLine,
}

/**
 * @param {(target: string) => void} onRequest Called once the request has arrived, content included.
 * @returns {(chunk: Buffer) => void} Takes what arrives on one connection, in order.
 */
export function requestScanner(onRequest) {
  /** @type {State} */
  const state = { reading: 'head', left: 0, target: '', onRequest }
  /** @type {Buffer} */
  let kept = Buffer.alloc(0)
  return (chunk) => {
    let bytes = kept.length === 0 ? chunk : Buffer.concat([kept, chunk])
    while (bytes.length > 0) {
      const used = TAKE[state.reading](state, bytes)
      if (used === 0) break
      bytes = bytes.subarray(used)
    }
    kept = bytes
  }
}

/**
 * @param {State} state
 * @param {Buffer} bytes
 */
function takeHead(state, bytes) {
  const end = bytes.indexOf('\r\n\r\n')
  if (end < 0) return 0
  const head = bytes.toString('latin1', 0, end)
  const targetStart = head.indexOf(' ') + 1
  state.target = head.slice(targetStart, head.indexOf(' ', targetStart))
  const mayHaveContent = !head.startsWith('GET')
  const length = mayHaveContent ? Number(/\r\ncontent-length: *(\d+)/i.exec(head)?.[1] ?? 0) : 0
  if (length > 0) {
    state.left = length
    state.reading = 'content'
  } else if (mayHaveContent && /\r\ntransfer-encoding:/i.test(head)) {
    state.reading = 'chunk size'
  } else {
    state.onRequest(state.target)
  }
  return end + 4
}

/**
 * @param {State} state
 * @param {Buffer} bytes
 */
function takeContent(state, bytes) {
  const used = Math.min(state.left, bytes.length)
  state.left -= used
  if (state.left > 0) return used
  if (state.reading === 'content') ended(state)
  else state.reading = 'chunk size'
  return used
}

/**
 * @param {State} state
 * @param {Buffer} bytes
 */
function takeLine(state, bytes) {
  const end = bytes.indexOf('\r\n')
  if (end < 0) return 0
  if (state.reading === 'chunk size') {
    const size = Number.parseInt(bytes.toString('latin1', 0, end), 16)
    state.reading = size === 0 ? 'trailers' : 'chunk data'
    state.left = size + 2
  } else if (end === 0) {
    ended(state)
  }
  return end + 2
}

/** @param {State} state */
function ended(state) {
  state.reading = 'head'
  state.onRequest(state.target)
}
