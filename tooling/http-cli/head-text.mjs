/**
 * Status line and header lines as the server sent them.
 *
 * @param {import('@x/http-session').ClientResponse} response
 */
export function headText({ httpVersion, status, reasonPhrase, headers }) {
  const lines = [...headers].map(([name, value]) => `${name}: ${value}`)
  return [`HTTP/${httpVersion} ${status} ${reasonPhrase}`.trimEnd(), ...lines].join('\n')
}
