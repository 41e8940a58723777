/** Characters that stand for themselves. The rest is what mtree(5) encodes too, and `%`, so that the shell's printf decodes an encoded text. */
const plain = /^[!"$&'()+,\-./0-9:;<=>@A-Z\]^_`a-z{|}~]$/;

const encoded = Array.from({ length: 256 }, (_, byte) => {
  const character = String.fromCharCode(byte);
  return plain.test(character) ? character : `\\${byte.toString(8).padStart(3, "0")}`;
});

/**
 * Encodes bytes as one word of printable ASCII, in the manner of vis(3): a backslash and three octal digits for white space, control
 * characters, bytes beyond ASCII, and `# * ? [ \ %`. Of a string the bytes in UTF-8.
 */
export function vis(content: string | Uint8Array): string {
  return Array.from(typeof content === "string" ? Buffer.from(content) : content, (byte) => encoded[byte]).join("");
}

/** A text that `vis` may have made, or another program that encodes in this manner. */
export const visPattern = /^(?:[!-[\]-~]|\\[0-3][0-7]{2})*$/;

/** The bytes that `vis` encoded. Throws where the text is none of this form. */
export function unvis(text: string): Buffer {
  if (!visPattern.test(text)) throw new Error("the text is not encoded as vis(3) does");
  const bytes = text.match(/\\...|[^\\]/g) ?? [];
  return Buffer.from(bytes.map((one) => (one.length > 1 ? parseInt(one.slice(1), 8) : one.charCodeAt(0))));
}
