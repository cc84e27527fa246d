import { USUAL } from '../client.mjs'
import { fetchSession } from '../fetch-session.mjs'
import { load } from '../contenders/resolve.mjs'

/** @type {import('../client.mjs').Client} */
export const client = {
  name: 'undici.fetch',
  needs: 'undici',
  scope: 'wide',
  does: USUAL,
  async open({ origin, connections }) {
    const { Agent, fetch } = await load('undici')
    const dispatcher = new Agent({ connections })
    return fetchSession(
      (url, init) => fetch(url, { dispatcher, ...init }),
      origin,
      () => dispatcher.destroy(),
    )
  },
}
