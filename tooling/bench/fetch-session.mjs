// The global fetch, undici's own, and ky above it: one interface, one way to use it.

/**
 * @param {(url: string, init?: object) => Promise<Response>} fetch
 * @param {string} origin
 * @param {() => unknown} close
 * @returns {import('./client.mjs').Session}
 */
export function fetchSession(fetch, origin, close) {
  return {
    text: async (target) => (await (await fetch(origin + target)).text()).length,
    json: async (target) => (await fetch(origin + target)).json(),
    bytes: async (target) => (await (await fetch(origin + target)).arrayBuffer()).byteLength,
    stream: async (target) => {
      let byteCount = 0
      const { body } = await fetch(origin + target)
      if (body === null) return 0
      for await (const chunk of /** @type {any} */ (body)) byteCount += chunk.length
      return byteCount
    },
    post: async (target, body) =>
      (await (await fetch(origin + target, { method: 'POST', body })).text()).length,
    // Fetch takes no Content-Length from its caller: a stream goes out chunked.
    upload: async (target, body) => {
      const response = await fetch(origin + target, { method: 'POST', body: body(), duplex: 'half' })
      return (await response.text()).length
    },
    close,
  }
}
