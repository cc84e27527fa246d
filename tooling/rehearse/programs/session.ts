// The session, against a server of Node's on this machine.
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { ClientSession, isHttpSessionError, type ClientResponse } from '@x/http-session'

async function main(): Promise<void> {
  const server = createServer((request, response) => {
    response.setHeader('content-type', 'application/json')
    if (request.method === 'POST') request.pipe(response)
    else response.end('{"hello":"world"}')
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  const session = new ClientSession()
  const got: ClientResponse = await session.get(origin)
  const posted = await session.post(origin, { json: { a: 1 } })
  console.log(got.status, await got.text(), await posted.text())
  await session.close()
  server.close()
  const refused = await new ClientSession().get(origin).catch((error: unknown) => error)
  console.log(isHttpSessionError(refused))
}

void main()
