import { type Expression, parseExpression } from '../../../grammars/azure/expression.ts';

/** A part of a name: a text, or what only the template's deployment knows. */
type Part = { readonly text: string } | { readonly expression: string };

/**
 * The name of a rule's group and the rule's own, of a rule that stands beside its group: `group/rule`. In templates either may be made
 * by an expression, and so may both together: `[concat(parameters('group'), '/rule')]`, `[format('{0}/rule', variables('group'))]`.
 * (https://learn.microsoft.com/azure/azure-resource-manager/templates/child-resource-name-type)
 * @returns the group as {@link nameKey} compares it; undefined where the name has no group
 */
export function ruleNames(written: string): { readonly group: string; readonly rule: string } | undefined {
  const parts = partsOf(written);
  const at = parts.findIndex((part) => 'text' in part && part.text.includes('/'));
  const cut = parts[at];
  if (cut === undefined || !('text' in cut)) return undefined;
  const slash = cut.text.indexOf('/');
  return {
    group: spell([...parts.slice(0, at), { text: cut.text.slice(0, slash) }]),
    rule: spell([{ text: cut.text.slice(slash + 1) }, ...parts.slice(at + 1)]),
  };
}

/** Names that are the same have one key: letters' case means nothing, nor does the way in which an expression puts a name together. */
export function nameKey(written: string): string {
  return spell(partsOf(written)).toLowerCase();
}

function partsOf(written: string): Part[] {
  const expression = parseExpression(written);
  return expression === undefined ? [{ text: written }] : merged(flat(expression));
}

function flat(expression: Expression): Part[] {
  if (expression.kind === 'text') return [{ text: expression.text }];
  const { call, text } = expression;
  if (call?.name === 'concat') return call.args.flatMap(flat);
  const [layout, ...values] = call?.name === 'format' ? call.args : [];
  if (layout?.kind !== 'text') return [{ expression: text }];
  // Every second piece is the number of an argument.
  const pieces = layout.text.split(/\{(\d+)\}/);
  return pieces.flatMap((piece, i): Part[] => {
    const value = values[Number(piece)];
    if (i % 2 === 0) return [{ text: piece }];
    return value === undefined ? [{ expression: `{${piece}}` }] : flat(value);
  });
}

/** Texts side by side are one, and none is empty. */
function merged(parts: readonly Part[]): Part[] {
  const found: Part[] = [];
  for (const part of parts) {
    const last = found.at(-1);
    if ('text' in part && part.text === '') continue;
    if (last !== undefined && 'text' in last && 'text' in part)
      found[found.length - 1] = { text: last.text + part.text };
    else found.push(part);
  }
  return found;
}

function spell(parts: readonly Part[]): string {
  const all = merged(parts);
  const [only, second] = all;
  if (only === undefined) return '';
  if (second === undefined) return 'text' in only ? only.text : `[${only.expression}]`;
  const args = all.map((part) => ('text' in part ? `'${part.text.replaceAll("'", "''")}'` : part.expression));
  return `[concat(${args.join(', ')})]`;
}
