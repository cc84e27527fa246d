// The rehearsal sends nothing to anybody but itself.

/**
 * @param {string} url
 * @param {string} expected The registry that this run has started.
 * @throws {Error} It is another one, or one that is not on this machine.
 */
export function requireLoopback(url, expected) {
  const { protocol, hostname, port, username } = new URL(url)
  if (protocol !== 'http:' || hostname !== '127.0.0.1' || port === '' || username !== '')
    throw new Error(`${url} is not a registry on 127.0.0.1`)
  if (new URL(url).href !== new URL(expected).href)
    throw new Error(`the clients would publish to ${url}, and this run's registry is ${expected}`)
}

/**
 * Whatever does not go to loopback is sent to a proxy on a port where nobody listens.
 *
 * @returns {Record<string, string>} Environment variables.
 */
export function noWayOut() {
  const dead = 'http://127.0.0.1:9'
  const own = '127.0.0.1,localhost'
  return {
    HTTP_PROXY: dead,
    HTTPS_PROXY: dead,
    ALL_PROXY: dead,
    http_proxy: dead,
    https_proxy: dead,
    all_proxy: dead,
    NO_PROXY: own,
    no_proxy: own,
  }
}
