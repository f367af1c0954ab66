import type { SourceFile } from '../../text/source.ts';
import type { InputFormat } from '../reader.ts';

/** How far into a file its format shows. */
const HEAD = 8192;

const CREATE =
  /^[ \t]*(?:(?:-!|-exist)[ \t]+)?(?:create|-N|--create|n|new)[ \t]+(?:(?:-!|-exist)[ \t]+)?\S+[ \t]+(?:(?:bitmap|hash|list):\w|(?:ip|net|ipport|ipportip|ipportnet)hash\b|(?:ip|macip|port)map\b|setlist\b)/m;
/** Elements alone, with the sets created elsewhere: reading then says which set is missing. */
const ADD =
  /^(?:[ \t]*(?:#.*)?\r?\n)*[ \t]*(?:add|-A)[ \t]+\S+[ \t]+(?:\d{1,3}(?:\.\d{1,3}){3}|[0-9a-fA-F]{0,4}:[0-9a-fA-F:]+)(?:[/,-]\S+)?[ \t]*(?:\r?\n|$)/;

/** Whether a text looks like sets, by its beginning. Stands apart from the grammar, which is then loaded only for sets. */
export function detectSets(source: SourceFile): InputFormat | undefined {
  const head = source.text.slice(0, HEAD);
  return CREATE.test(head) || ADD.test(head) ? 'ipset-save' : undefined;
}
