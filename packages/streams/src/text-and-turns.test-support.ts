/** Lets everything happen that needs no time to pass. */
export async function settle(): Promise<void> {
  for (let turn = 0; turn < 5; turn++) await new Promise((resolve) => setImmediate(resolve))
}

export function ascii(text: string): Uint8Array {
  return new TextEncoder().encode(text)
}
