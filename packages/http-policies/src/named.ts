import type { Middleware } from '@x/http-session'

/** The middleware under the name of its policy, for stacks and for `console.log`: whatever it closes over may be secret. */
export function named<M extends Middleware>(name: string, middleware: M): M {
  return Object.defineProperty(middleware, 'name', { value: name })
}
