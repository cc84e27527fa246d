import type { Connector } from './ports.ts'

/** The connector under a name that `console.log` shows; without credentials, whatever closes over them. */
export function shownAs(name: string, connector: Connector): Connector {
  return Object.defineProperty(connector, 'name', { value: name })
}
