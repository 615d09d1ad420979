// A browser's part, played by Node: `node sealing.mjs PACKAGES jose|webcrypto P-256|X25519`.
// Reads {jwks, envelope} and writes {jwe}, sealed to the first key; reads {jwe}, a reply, and writes its {text}.
import { createRequire } from "node:module";
import { createInterface } from "node:readline";

const [, , packages, library, curve] = process.argv;
const HEADER = { alg: "ECDH-ES", enc: "A256GCM" };
const utf8 = new TextEncoder();
const { subtle } = crypto;

async function withJose() {
  const jose = createRequire(packages)("jose");
  const { publicKey, privateKey } = await jose.generateKeyPair("ECDH-ES", { crv: curve, extractable: true });
  return {
    replyTo: await jose.exportJWK(publicKey),
    async seal(text, jwk) {
      const sealing = new jose.CompactEncrypt(utf8.encode(text)).setProtectedHeader({ ...HEADER, kid: jwk.kid });
      return sealing.encrypt(await jose.importJWK(jwk));
    },
    async open(jwe) {
      const allowed = { keyManagementAlgorithms: [HEADER.alg], contentEncryptionAlgorithms: [HEADER.enc] };
      return new TextDecoder().decode((await jose.compactDecrypt(jwe, privateKey, allowed)).plaintext);
    },
  };
}

async function withWebCrypto() {
  const own = await subtle.generateKey(agreement(curve), true, ["deriveBits"]);
  return {
    replyTo: await subtle.exportKey("jwk", own.publicKey),
    async seal(text, jwk) {
      const ephemeral = await subtle.generateKey(agreement(jwk.crv), true, ["deriveBits"]);
      const { kty, crv, x, y } = await subtle.exportKey("jwk", ephemeral.publicKey);
      const header = base64url(utf8.encode(JSON.stringify({ ...HEADER, kid: jwk.kid, epk: { kty, crv, x, y } })));
      const key = await contentKey(await imported(jwk), ephemeral.privateKey, jwk.crv);
      const iv = crypto.getRandomValues(new Uint8Array(12));
      const gcm = { name: "AES-GCM", iv, additionalData: utf8.encode(header) };
      const sealed = new Uint8Array(await subtle.encrypt(gcm, key, utf8.encode(text)));
      return [header, "", base64url(iv), base64url(sealed.slice(0, -16)), base64url(sealed.slice(-16))].join(".");
    },
    async open(jwe) {
      const [header, , iv, ciphertext, tag] = jwe.split(".");
      const { epk } = JSON.parse(Buffer.from(header, "base64url").toString());
      const key = await contentKey(await imported(epk), own.privateKey, curve);
      const gcm = { name: "AES-GCM", iv: Buffer.from(iv, "base64url"), additionalData: utf8.encode(header) };
      const sealed = Buffer.concat([Buffer.from(ciphertext, "base64url"), Buffer.from(tag, "base64url")]);
      return new TextDecoder().decode(await subtle.decrypt(gcm, key, sealed));
    },
  };
}

const agreement = (crv) => (crv === "X25519" ? { name: "X25519" } : { name: "ECDH", namedCurve: crv });
const base64url = (bytes) => Buffer.from(bytes).toString("base64url");
const imported = ({ kty, crv, x, y }) => subtle.importKey("jwk", { kty, crv, x, y }, agreement(crv), false, []);

// Concat KDF (RFC 7518, 4.6.2): one round of SHA-256 gives the 256 bits of A256GCM.
async function contentKey(publicKey, privateKey, crv) {
  const secret = await subtle.deriveBits({ ...agreement(crv), public: publicKey }, privateKey, 256);
  const info = [uint32(1), new Uint8Array(secret), prefixed(utf8.encode(HEADER.enc)), uint32(0), uint32(0), uint32(256)];
  const bits = await subtle.digest("SHA-256", Buffer.concat(info));
  return subtle.importKey("raw", bits, "AES-GCM", false, ["encrypt", "decrypt"]);
}

const prefixed = (bytes) => Buffer.concat([uint32(bytes.length), bytes]);
function uint32(number) {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32BE(number);
  return bytes;
}

const caller = await { jose: withJose, webcrypto: withWebCrypto }[library]();
const say = (answer) => process.stdout.write(`${JSON.stringify(answer)}\n`);
for await (const line of createInterface({ input: process.stdin })) {
  const told = JSON.parse(line);
  if (told.jwks) {
    const text = JSON.stringify({ ...told.envelope, reply_to: caller.replyTo });
    say({ jwe: await caller.seal(text, told.jwks.keys[0]) });
  } else {
    say({ text: await caller.open(told.jwe) });
  }
}
