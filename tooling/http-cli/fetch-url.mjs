import { once } from 'node:events'
import { ClientSession } from '@x/http-session'
import { headText } from './head-text.mjs'

/**
 * Prints status line, header lines and body; the body's bytes as they come.
 *
 * @param {string} url
 * @param {NodeJS.WritableStream} output
 */
export async function fetchUrl(url, output) {
  const session = new ClientSession()
  try {
    const response = await session.get(url)
    output.write(`${headText(response)}\n\n`)
    for await (const chunk of response) {
      if (!output.write(chunk)) await once(output, 'drain')
    }
  } finally {
    await session.close()
  }
}
