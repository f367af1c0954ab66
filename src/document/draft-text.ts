import { Document, isMap, isScalar, isSeq, visit } from 'yaml';
import type { Draft } from './draft.ts';

/** Keys whose values are short and have no text of the document in them: on one line, without quotes. */
const FLOW = new Set(['closed', 'protocols', 'ports', 'sourcePorts', 'columns']);
const PLAIN = new Set([
  'id',
  'table',
  'source',
  'destination',
  'level',
  'sha256',
  'digest',
  'type',
  'parameter',
]);
const HEAD =
  ' A draft by `postern baseline import`. Decide what stands under each `review`, write the decision down as a `note` or a\n' +
  ' `reading`, and remove the mark. `postern baseline validate` lists the marks that are left.';

/**
 * A draft as YAML. Whatever comes from the document stands in double quotes, in which characters that nobody sees, or that
 * a terminal acts on, are escapes.
 */
export function draftText(draft: Draft): string {
  const document = new Document(draft.values);
  document.commentBefore = HEAD;
  visit(document, {
    Pair: (_, pair) => {
      const key = isScalar(pair.key) ? String(pair.key.value) : '';
      if (isScalar(pair.key) && !/^[A-Za-z][A-Za-z0-9-]*$/.test(key)) pair.key.type = 'QUOTE_DOUBLE';
      if ((isMap(pair.value) || isSeq(pair.value)) && FLOW.has(key)) pair.value.flow = true;
      if (isScalar(pair.value) && typeof pair.value.value === 'string' && !PLAIN.has(key))
        pair.value.type = 'QUOTE_DOUBLE';
      if (key === 'rows' && isSeq(pair.value))
        for (const [i, row] of pair.value.items.entries()) if (i > 0 && isMap(row)) row.spaceBefore = true;
    },
    Seq: (_, seq) => {
      for (const item of seq.items)
        if (isScalar(item) && typeof item.value === 'string' && !/^[a-z0-9-]+$/.test(item.value))
          item.type = 'QUOTE_DOUBLE';
    },
  });
  return document.toString({ lineWidth: 0, flowCollectionPadding: false }).replace(UNSEEN, escaped);
}

/** Control characters, marks of writing direction, and others without a glyph; line feeds are YAML's own. */
const UNSEEN = /[\u007f-\u009f\u00ad\u061c\u180e\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb]/g;
const escaped = (character: string): string => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`;
