import type { FieldSection, RequestHead } from '@x/http1'
import { inspectAs } from './inspection.ts'
import type { ConnectTarget } from './ports.ts'

/** A request as it has come over the wire. */
export class MockRequest {
  static {
    inspectAs(this.prototype, 'MockRequest', ({ method, url, headers, body }) => {
      return { method, url, headers, bodyByteCount: body.length }
    })
  }

  /** As it came. */
  readonly method: string
  /** Absolute; for CONNECT the authority alone. */
  readonly url: string
  /** Field lines as they came, those of the session's own included. */
  readonly headers: FieldSection
  /** The content, whole; its chunks joined. */
  readonly body: Uint8Array
  /** Empty where there were none. */
  readonly trailers: FieldSection

  /** Made by a mock. */
  constructor(
    target: ConnectTarget,
    head: Pick<RequestHead, 'method' | 'target' | 'targetForm' | 'fields'>,
    content: { readonly body: Uint8Array; readonly trailers: FieldSection },
  ) {
    this.method = head.method
    const isComplete = head.targetForm === 'absolute' || head.targetForm === 'authority'
    this.url = isComplete ? head.target : originOf(target) + head.target
    this.headers = head.fields
    this.body = content.body
    this.trailers = content.trailers
    Object.freeze(this)
  }

  /** The content as UTF-8. */
  text(): string {
    return new TextDecoder().decode(this.body)
  }

  /** The content, parsed as JSON. @throws {SyntaxError} */
  json(): unknown {
    return JSON.parse(this.text())
  }
}

/** Scheme, host and port, as a URL says them. */
export function originOf({ host, port, secure }: ConnectTarget): string {
  const name = host.includes(':') ? `[${host}]` : host
  return new URL(`${secure ? 'https' : 'http'}://${name}:${port}`).origin
}
