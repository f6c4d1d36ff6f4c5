import type { BoardMemory } from '../line/base.ts';
import { complaints, remarkFor } from '../line/lint.ts';
import { type BoardDoc, isRemark, parseBoard } from '../text/parse.ts';
import { bodyOf, eolOf, withEnding } from '../text/syntax.ts';

/**
 * Says once, as a comment below the line, what cannot be read, and takes the comment back when the line is mended. `before` is the
 * document that the text was made from: where it holds neither complaint nor comment there is nothing to do.
 */
export function speak(text: string, before: BoardDoc, memory: BoardMemory): { text: string; spoken: readonly string[] } {
  if (complaints(before).length === 0 && !text.includes('<!-- tac8: ')) return { text, spoken: [] };
  const doc = parseBoard(text, memory.names);
  const found = complaints(doc);
  const byNode = new Map(found.map((complaint) => [complaint.node, complaint]));
  const told = new Set(memory.spoken);
  const out: string[] = [];
  doc.nodes.forEach((node, at) => {
    if (node.kind === 'remark') return;
    const next = doc.nodes[at + 1];
    const complaint = byNode.get(node);
    const remark = complaint === undefined ? '' : remarkFor(complaint);
    const [first = '', ...below] = node.lines;
    const around = next?.kind === 'remark' ? [...below, ...next.lines] : below;
    const standing = around.find((line) => bodyOf(line).trim() === remark);
    if (standing !== undefined) out.push(first, standing);
    else if (complaint !== undefined && !told.has(complaint.key)) out.push(first, remark);
    else out.push(first);
    out.push(...below.filter((line) => !isRemark(line)));
  });
  const eol = eolOf(doc.nodes[0]?.lines[0] ?? '') || '\n';
  const joined = out.map((line) => withEnding(line, eol)).join('');
  return {
    text: text.endsWith('\n') ? joined : bodyOf(joined),
    spoken: [...new Set(found.map((complaint) => complaint.key))],
  };
}
