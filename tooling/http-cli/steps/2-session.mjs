import { ClientSession } from '@x/http-session'
import { headText } from '../head-text.mjs'

/** @param {{ url: string }} server */
export async function session({ url }) {
  const client = new ClientSession()
  const response = await client.get(url)
  console.log(`${headText(response)}\n\n${await response.text()}`)
  const echo = await client.post(url, { body: 'posted, and echoed by the server' })
  console.log(`POST: ${echo.status} ${echo.reasonPhrase}: ${await echo.text()}`)
  for (const method of /** @type {const} */ (['head', 'put', 'patch', 'delete', 'options'])) {
    const { status, reasonPhrase } = await client[method](url)
    console.log(`${method.toUpperCase()}: ${status} ${reasonPhrase}`)
  }
  await client.close()
}
