/**
 * Characters that are not encoded. mtree(5) encodes all others but `%`; encoding that too lets the shell's printf
 * decode the text.
 */
const plain = /^[!"$&'()+,\-./0-9:;<=>@A-Z\]^_`a-z{|}~]$/;

const encoded = Array.from({ length: 256 }, (_, byte) => {
  const character = String.fromCharCode(byte);
  return plain.test(character) ? character : `\\${byte.toString(8).padStart(3, "0")}`;
});

/**
 * Encodes bytes, or a string in UTF-8, as one word of printable ASCII, as vis(3) does: white space, control characters,
 * bytes beyond ASCII, and `# * ? [ \ %` become a backslash and three octal digits.
 */
export function vis(content: string | Uint8Array): string {
  return Array.from(typeof content === "string" ? Buffer.from(content) : content, (byte) => encoded[byte]).join("");
}

/** Matches a text that `vis`, or another program with this encoding, has encoded. */
export const visPattern = /^(?:[!-[\]-~]|\\[0-3][0-7]{2})*$/;

/** Decodes a text that `vis` encoded. Throws if the text does not have that form. */
export function unvis(text: string): Buffer {
  if (!visPattern.test(text)) throw new Error("the text is not encoded as vis(3) does");
  const bytes = text.match(/\\...|[^\\]/g) ?? [];
  return Buffer.from(bytes.map((one) => (one.length > 1 ? parseInt(one.slice(1), 8) : one.charCodeAt(0))));
}
