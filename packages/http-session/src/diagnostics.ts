/** What a session does, on the channels of Node's `diagnostics_channel`. */
import { channel } from 'node:diagnostics_channel'
import type { TraceEvent, TraceListener } from './trace.ts'

/** A channel for each type of event: `http-session:queued`, … Each message is the event. */
const CHANNELS = {
  queued: channel('http-session:queued'),
  reused: channel('http-session:reused'),
  dns: channel('http-session:dns'),
  connect: channel('http-session:connect'),
  proxy: channel('http-session:proxy'),
  tls: channel('http-session:tls'),
  connected: channel('http-session:connected'),
  sent: channel('http-session:sent'),
  firstByte: channel('http-session:firstByte'),
  headers: channel('http-session:headers'),
  body: channel('http-session:body'),
  redirect: channel('http-session:redirect'),
  retry: channel('http-session:retry'),
  failed: channel('http-session:failed'),
  closed: channel('http-session:closed'),
} as const satisfies Record<TraceEvent['type'], unknown>

const ALL = Object.values(CHANNELS)

/**
 * A listener for `onTrace` that publishes each event on the channel `http-session:<type>` of `node:diagnostics_channel`. While none of the channels has
 * a subscriber, requests are not traced at all.
 */
export const diagnosticsChannels: TraceListener = Object.assign(
  function publishEvent(event: TraceEvent): void {
    CHANNELS[event.type].publish(event)
  },
  { isWanted: () => ALL.some(({ hasSubscribers }) => hasSubscribers) },
)
