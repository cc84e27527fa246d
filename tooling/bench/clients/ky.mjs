import { USUAL_BUT_UPLOAD } from '../client.mjs'
import { fetchSession } from '../fetch-session.mjs'
import { load } from '../contenders/resolve.mjs'

/** @type {import('../client.mjs').Client} */
export const client = {
  name: 'ky',
  needs: 'ky',
  scope: 'wide',
  does: USUAL_BUT_UPLOAD,
  async open({ origin }) {
    const { default: ky } = await load('ky')
    return fetchSession(
      (url, init) => ky(url, init),
      origin,
      () => {},
    )
  },
}
