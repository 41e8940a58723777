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
