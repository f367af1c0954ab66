import type { Value } from '../ast/ast.ts';

/** A text that is the same for values that are written alike. */
export function valueKey(value: Value): string {
  switch (value.kind) {
    case 'symbol':
      return value.text;
    case 'prefix':
      return `${valueKey(value.base)}/${value.length}`;
    case 'range':
      return `${valueKey(value.lo)}-${valueKey(value.hi)}`;
    case 'binary':
      return `${valueKey(value.left)}${value.op}${valueKey(value.right)}`;
    case 'concat':
    case 'list':
      return value.of.map(valueKey).join(value.kind === 'list' ? ',' : ' . ');
    case 'set':
      return `{${value.elements.map(({ key }) => valueKey(key)).join(';')}}`;
    case 'set-ref':
      return `@${value.name}`;
    case 'any':
      return '*';
  }
}
