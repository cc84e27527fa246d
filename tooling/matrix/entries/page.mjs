// A page in a browser: everything that needs no sockets. Each case is a POST to the server that the page is from.
import { http1Cases } from '../suite/http1.mjs'
import { memoryCases } from '../suite/memory.mjs'
import { policyCases } from '../suite/policies.mjs'
import { readerCases } from '../suite/reader.mjs'
import { runCases } from '../suite/run-cases.mjs'
import { sessionInMemoryCases } from '../suite/session-in-memory.mjs'
import { writerCases } from '../suite/writer.mjs'

await runCases(
  [...readerCases, ...writerCases, ...http1Cases, ...memoryCases, ...sessionInMemoryCases, ...policyCases],
  {},
  (line) => fetch('/report', { method: 'POST', body: JSON.stringify(line) }),
)
