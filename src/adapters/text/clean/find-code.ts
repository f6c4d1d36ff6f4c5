import type { Finder } from './finder.ts';
import { type Assembly, assemble } from './syntax/assembled.ts';
import type { Edit, Range } from './syntax/edits.ts';
import { hiddenInFence, isLanguage } from './syntax/fences.ts';

/** What is code, and what stands beside it without showing. */
export function findCode(source: string): Finder & { ranges(): readonly Range[] } {
  const code: Range[] = [];
  const edits: Edit[] = [];
  let fence: { info: string; lines: Assembly; from: number; to: number } | null = null;
  return {
    enter(piece) {
      const { type, from, to } = piece;
      if (type === 'codeIndented' || type === 'codeText') code.push([from, to]);
      else if (type === 'codeFenced') fence = { info: '', lines: assemble(), from: -1, to };
      else if (fence === null) return;
      else if (type === 'codeFencedFenceInfo') fence.info = piece.words();
      else if (type === 'codeFencedFenceMeta') edits.push({ from, to, put: '', kind: 'info strings' });
      else if (type === 'codeFlowValue') fence.lines.add(source, piece);
      else if (type === 'lineEnding' && fence.from !== -1) fence.lines.lineEnd(piece);
      if (fence !== null && type === 'codeFencedFenceInfo' && !isLanguage(fence.info))
        edits.push({ from, to, put: '', kind: 'info strings' });
      if (fence !== null && type === 'lineEnding' && fence.from === -1) fence.from = to;
    },
    exit({ type, to }) {
      if (type !== 'codeFenced' || fence === null) return;
      const content = fence.lines.done();
      const hidden = hiddenInFence(fence.info, content.text.replace(/\n$/, ''));
      for (const { from, to: end, put, kind } of hidden ?? []) edits.push({ ...content.place(from, end), put, kind });
      if (hidden === null && fence.from !== -1) code.push([fence.from, to]);
      fence = null;
    },
    ranges: () => [...code].sort((a, b) => a[0] - b[0]),
    edits: () => edits,
  };
}
