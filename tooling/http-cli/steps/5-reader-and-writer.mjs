import { openConnection } from '@x/streams'

/** @param {{ host: string, port: number }} server */
export async function readerAndWriter({ host, port }) {
  const connection = await openConnection({ host, port })
  const { reader, writer } = connection
  writer.writeText('GET / HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n')
  await writer.drain()
  for await (const line of reader.lines()) console.log(line)
  await connection.close()
}
