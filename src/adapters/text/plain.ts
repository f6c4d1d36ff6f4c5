import { withoutInvisible } from '../../core/words/invisible.ts';

/**
 * The source as plain text: what could be a comment is left out without a look at what stands around it, what could be markup is
 * escaped. In time that follows the length, whatever the text.
 */
export function plainText(text: string): string {
  const parts: string[] = [];
  for (let at = 0; at < text.length; ) {
    const open = text.indexOf('<!--', at);
    parts.push(text.slice(at, open === -1 ? text.length : open));
    const close = open === -1 ? -1 : text.indexOf('-->', open + 2);
    at = close === -1 ? text.length : close + 3;
  }
  const escapes: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;' };
  return withoutInvisible(parts.join(''))
    .replace(/[&<>]/g, (character) => escapes[character] ?? '')
    .trim();
}
