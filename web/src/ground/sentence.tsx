import { plain } from './words.ts';

/** A sentence of tac8's own, in which commands stand between backticks. As text: what stands in it may be a stranger's. */
export function Sentence({ text }: { readonly text: string }) {
  const parts = plain(text).split('`');
  // One without its other half is a stranger's, and a sign like any other.
  if (parts.length % 2 === 0) return <>{plain(text)}</>;
  return <>{parts.map((part, index) => (index % 2 === 0 ? part : <code key={index}>{part}</code>))}</>;
}
