/** A response that is still to come, with the short ways to read it whole. */
import type { ClientResponse } from './response.ts'

/** Resolves with the response; its methods wait for it and read it: `await session.get(url).json()`. They reject as both do. */
export interface ResponsePromise extends Promise<ClientResponse> {
  /** `response.bytes()`. */
  bytes(): Promise<Uint8Array>
  /** `response.text()`. */
  text(): Promise<string>
  /** `response.json()`. */
  json<T = unknown>(): Promise<T>
}

/** The same promise, with methods of its own: a subclass of `Promise` would be waited for more slowly. */
export function responsePromise(promise: Promise<ClientResponse>): ResponsePromise {
  const response = promise as ResponsePromise
  response.bytes = bytes
  response.text = text
  response.json = json
  return response
}

async function bytes(this: Promise<ClientResponse>): Promise<Uint8Array> {
  return (await this).bytes()
}

async function text(this: Promise<ClientResponse>): Promise<string> {
  return (await this).text()
}

async function json<T>(this: Promise<ClientResponse>): Promise<T> {
  return (await this).json<T>()
}
