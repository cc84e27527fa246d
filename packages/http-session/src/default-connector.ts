/** TCP and TLS by `@x/streams`, loaded only where no connector was given. All such sessions share what it knows of names and TLS peers. */
import { createConnector } from './connector.ts'
import type { Connector } from './ports.ts'

export const connect: Connector = createConnector()
