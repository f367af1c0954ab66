import { ipsetReader } from '../../src/formats/ipset/index.ts';
import type { NamedSet } from '../../src/rule/named-set.ts';
import { SourceFile } from '../../src/text/source.ts';

/** The sets of an ipset file by name. */
export function readSets(text: string): ReadonlyMap<string, NamedSet> {
  const result = ipsetReader.read(new SourceFile('sets.ipset', text), 'ipset-save', 'sets');
  if (!result.ok) throw new Error(result.errors.map((error) => error.message).join('; '));
  return new Map(result.value.sets.map((set) => [set.name, set]));
}
