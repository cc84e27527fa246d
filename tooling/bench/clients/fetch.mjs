import { USUAL } from '../client.mjs'
import { fetchSession } from '../fetch-session.mjs'

/** @type {import('../client.mjs').Client} */
export const client = {
  name: 'fetch',
  scope: 'every',
  does: USUAL,
  open: ({ origin }) => fetchSession(fetch, origin, () => {}),
}
