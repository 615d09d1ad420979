/** Sealed payloads: JWE (RFC 7516) in its compact form, `ECDH-ES` with `A256GCM` on P-256, by the browser itself. */

/** A public key as `.well-known/jwks.json` lists it. */
export type PublicKey = { kty: string; crv: string; x: string; y: string; kid: string }

const ALGORITHMS = { alg: 'ECDH-ES', enc: 'A256GCM' } as const
const CURVE = { name: 'ECDH', namedCurve: 'P-256' } as const
const TAG = 16 // bytes, at the end of what WebCrypto encrypts
const utf8 = new TextEncoder()

/** A pair of keys, of which only the public one can be read. */
export const newKeys = () => crypto.subtle.generateKey(CURVE, false, ['deriveBits'])

/** The public half, as the other side takes it. */
export async function publicHalf({ publicKey }: CryptoKeyPair): Promise<Omit<PublicKey, 'kid'>> {
  const { kty, crv, x, y } = await crypto.subtle.exportKey('jwk', publicKey)
  return { kty, crv, x, y } as Omit<PublicKey, 'kid'>
}

/** Encrypts a text so that only the holder of the other half of `to` can read it. */
export async function seal(text: string, to: PublicKey): Promise<string> {
  const once = await newKeys()
  const header = base64url(utf8.encode(JSON.stringify({ ...ALGORITHMS, kid: to.kid, epk: await publicHalf(once) })))
  const iv = crypto.getRandomValues(new Uint8Array(12))
  const gcm = { name: 'AES-GCM', iv, additionalData: utf8.encode(header) }
  const key = await contentKey(to, once.privateKey)
  const sealed = new Uint8Array(await crypto.subtle.encrypt(gcm, key, utf8.encode(text)))
  return [header, '', base64url(iv), base64url(sealed.subarray(0, -TAG)), base64url(sealed.subarray(-TAG))].join('.')
}

/** Decrypts what was sealed for `own`. Rejects for whatever was altered or is for somebody else. */
export async function open(jwe: string, own: CryptoKeyPair): Promise<string> {
  const [header = '', , iv = '', ciphertext = '', tag = ''] = jwe.split('.')
  const { alg, enc, epk } = JSON.parse(new TextDecoder().decode(bytesOf(header)))
  if (alg !== ALGORITHMS.alg || enc !== ALGORITHMS.enc) throw new Error(`sealed by ${alg} and ${enc}`)
  const gcm = { name: 'AES-GCM', iv: bytesOf(iv), additionalData: utf8.encode(header) }
  const sealed = joined(bytesOf(ciphertext), bytesOf(tag))
  return new TextDecoder().decode(await crypto.subtle.decrypt(gcm, await contentKey(epk, own.privateKey), sealed))
}

/** The key that both sides come to (RFC 7518, 4.6.2): one round of SHA-256 gives the 256 bits of A256GCM. */
async function contentKey({ kty, crv, x, y }: Omit<PublicKey, 'kid'>, own: CryptoKey): Promise<CryptoKey> {
  const theirs = await crypto.subtle.importKey('jwk', { kty, crv, x, y }, CURVE, false, [])
  const secret = new Uint8Array(await crypto.subtle.deriveBits({ ...CURVE, public: theirs }, own, 256))
  const algorithm = utf8.encode(ALGORITHMS.enc)
  const nobody = uint32(0) // neither side names itself
  const info = joined(uint32(1), secret, uint32(algorithm.length), algorithm, nobody, nobody, uint32(256))
  const bits = await crypto.subtle.digest('SHA-256', info)
  return crypto.subtle.importKey('raw', bits, 'AES-GCM', false, ['encrypt', 'decrypt'])
}

export function base64url(bytes: Uint8Array): string {
  // One by one: as arguments of one call, a megabyte would be too many.
  const characters = Array.from(bytes, (byte) => String.fromCharCode(byte)).join('')
  return btoa(characters).replaceAll('+', '-').replaceAll('/', '_').replaceAll('=', '')
}

function bytesOf(text: string): Uint8Array<ArrayBuffer> {
  const characters = atob(text.replaceAll('-', '+').replaceAll('_', '/'))
  return Uint8Array.from(characters, (character) => character.charCodeAt(0))
}

function uint32(value: number): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(4)
  new DataView(bytes.buffer).setUint32(0, value)
  return bytes
}

function joined(...parts: Uint8Array[]): Uint8Array<ArrayBuffer> {
  const whole = new Uint8Array(parts.reduce((length, part) => length + part.length, 0))
  let at = 0
  for (const part of parts) {
    whole.set(part, at)
    at += part.length
  }
  return whole
}
