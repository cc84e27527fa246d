// A registry on a free port of the loopback address, which knows only what is published to it. Prints its port, and ends
// when its standard input does: whoever started it may be killed without leaving it behind.
//
//   node serve.mjs <configuration file>
import { createRequire } from 'node:module'

const { runServer } = createRequire(import.meta.url)('verdaccio')
const server = await runServer(process.argv[2])
server.listen(0, '127.0.0.1', () => console.log(`listening ${server.address().port}`))
process.stdin.on('end', () => process.exit()).resume()
