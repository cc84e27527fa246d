/** Certificates for tests, made on the spot: an authority of our own and what it issues. ECDSA P-256. */

import { generate } from 'selfsigned'
import type { SelfsignedOptions } from 'selfsigned'

/** As TLS options want it, PEM. */
export interface KeyAndCertificate {
  readonly key: string
  readonly cert: string
}

export interface Authority {
  /** The `ca` of whoever shall trust it. */
  readonly cert: string
  /** @param names DNS names and IPv4 addresses. @param validForMs Below zero: it has expired. */
  issue(content: { names: readonly string[]; validForMs?: number }): Promise<KeyAndCertificate>
}

const DAY_MS = 86_400_000
const TERMS = { keyType: 'ec', curve: 'P-256', algorithm: 'sha256' } as const

/** A new authority. */
export async function makeAuthority(commonName: string = 'Test authority'): Promise<Authority> {
  const ca = await make(commonName, {
    extensions: [
      { name: 'basicConstraints', cA: true, critical: true },
      { name: 'keyUsage', keyCertSign: true, cRLSign: true, critical: true },
    ],
  })
  return {
    cert: ca.cert,
    issue({ names, validForMs = DAY_MS }) {
      const altNames = names.map((name) =>
        /^[\d.]+$/.test(name) ? ({ type: 7, ip: name } as const) : ({ type: 2, value: name } as const),
      )
      const now = Date.now()
      return make(names[0] ?? 'client', {
        ca,
        extensions: [{ name: 'subjectAltName', altNames }],
        notBeforeDate: new Date(now - DAY_MS),
        notAfterDate: new Date(now + validForMs),
      })
    },
  }
}

async function make(commonName: string, options: SelfsignedOptions): Promise<KeyAndCertificate> {
  const { private: key, cert } = await generate([{ name: 'commonName', value: commonName }], {
    ...TERMS,
    ...options,
  })
  return { key, cert }
}
