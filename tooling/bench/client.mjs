// What a client of the comparison is: one file in clients/ that exports `client`. A file more is a client more.

/**
 * What a work asks of clients. `text`, `bytes`, `stream`, `post` and `upload` resolve with the number of bytes of content
 * (of characters, which are ASCII), `json` with the value; each has read the response to its end.
 *
 * @typedef {object} Session
 * @property {(target: string) => Promise<number>} text The whole response as text.
 * @property {(target: string) => Promise<unknown>} [json]
 * @property {(target: string) => Promise<number>} [bytes] The whole response as bytes.
 * @property {(target: string) => Promise<number>} [stream] The response piece by piece, each the caller's.
 * @property {(target: string) => Promise<number>} [lend] The response piece by piece, each only lent.
 * @property {(target: string, body: string) => Promise<number>} [post]
 * @property {(target: string, body: () => AsyncIterable<Uint8Array>, byteCount: number) => Promise<number>} [upload]
 * @property {() => unknown} close
 *
 * @typedef {'text' | 'json' | 'bytes' | 'stream' | 'lend' | 'post' | 'upload'} Operation
 *
 * @typedef {object} Facts
 * @property {string} host
 * @property {number} port
 * @property {boolean} secure Over TLS; Node has been told to trust the certificate.
 * @property {string} origin `http://127.0.0.1:8080`
 * @property {number} connections At most so many, kept alive, and so many requests at a time.
 * @property {number} pipelining Requests at a time on each connection, above 1 only for clients that do 'pipelining'.
 * @property {Record<string, { content: number, response: number }>} byteCounts What the server sends, by target.
 *
 * A client is used as its documentation says, with its own defaults for time limits and sizes. It may be told of a
 * number of connections, and of an agent that keeps them alive where that is not its default.
 *
 * @typedef {object} Client
 * @property {string} name
 * @property {boolean} [ours] Default false.
 * @property {string} [needs] What has to be installed; default: nothing.
 * @property {'every' | 'wide'} scope Whether it takes part in every work, or in those alone that compare everybody.
 * @property {readonly (Operation | 'tls' | 'idle' | 'pipelining')[]} does
 * @property {Record<string, string>} [doesNot] What it does not, with the reason where there is one to tell.
 * @property {(facts: Facts) => Promise<Session> | Session} [open] Connects lazily or not, as it likes.
 * @property {(facts: Facts, target: string) => string[]} [command] For a program of its own that speaks as client-process.mjs
 *   does: `text` of that target alone.
 * @property {() => string | null} [missing] For such a program: what this machine lacks to run it.
 */

/** @satisfies {readonly Operation[]} */
const OPERATIONS = /** @type {const} */ (['text', 'json', 'bytes', 'stream', 'post', 'upload'])

/** What most clients do. */
export const USUAL = /** @type {const} */ ([...OPERATIONS, 'tls', 'idle'])
/** The same without sending a stream of known length. */
export const USUAL_BUT_UPLOAD = USUAL.filter((ability) => ability !== 'upload')
