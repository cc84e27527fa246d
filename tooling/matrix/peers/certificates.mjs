// Certificates made on the spot: an authority, what it issues for the loopback address, and one of a stranger.
import { generate } from 'selfsigned'

const TERMS = /** @type {const} */ ({ keyType: 'ec', curve: 'P-256', algorithm: 'sha256' })

/**
 * @typedef {object} Identity
 * @property {string} key PEM.
 * @property {string} cert PEM.
 */

/** @returns {Promise<{ ca: string, identity: Identity, stranger: Identity }>} */
export async function makeCertificates() {
  const [trusted, other] = await Promise.all([makeAuthority('Matrix authority'), makeAuthority('Stranger')])
  const [identity, stranger] = await Promise.all([issue(trusted), issue(other)])
  return { ca: trusted.cert, identity, stranger }
}

/** @param {string} name */
async function makeAuthority(name) {
  const { private: key, cert } = await generate([{ name: 'commonName', value: name }], {
    ...TERMS,
    extensions: [
      { name: 'basicConstraints', cA: true, critical: true },
      { name: 'keyUsage', keyCertSign: true, cRLSign: true, critical: true },
    ],
  })
  return { key, cert }
}

/** @param {Identity} ca */
async function issue(ca) {
  const { private: key, cert } = await generate([{ name: 'commonName', value: 'localhost' }], {
    ...TERMS,
    ca,
    extensions: [
      {
        name: 'subjectAltName',
        altNames: [
          { type: 2, value: 'localhost' },
          { type: 7, ip: '127.0.0.1' },
        ],
      },
    ],
  })
  return { key, cert }
}
