import type { Party, ResolvedRow } from '../../baseline/model.ts';
import { NONE } from '../../packet/diagram.ts';
import { meets, within } from '../../packet/relations.ts';
import { type InterfacePattern, interfaceText } from '../../rule/condition.ts';
import type { InFamily } from '../required/families-disagree.ts';
import { endsOf } from '../rows/row-ends.ts';

/**
 * Why a row that is satisfied may be none in truth: its party is bound to no interface, so that one is enough, and some of it passes by
 * those alone that are bound to other parties. What a firewall lets in from its LAN brings nothing from the Internet. Undefined
 * where the host has no others.
 */
export function passesByOthersOnly(row: ResolvedRow, families: readonly InFamily[]): string | undefined {
  for (const { field, party } of endsOf(row).interfaces) {
    if (party.interfaces.length > 0 || party.everywhere === true) continue;
    for (const family of families) {
      const theirs = interfacesOfOthers(row, family, field);
      if (theirs.length > 0) return textOf(theirs, party);
    }
  }
  return undefined;
}

/** The interfaces bound to other parties by which alone some of the needed packets pass. */
function interfacesOfOthers(
  row: ResolvedRow,
  { check: { view, sets }, judgement }: InFamily,
  field: 'in' | 'out',
): readonly InterfacePattern[] {
  const elsewhere = sets.boundElsewhere(field, row.direction);
  if (elsewhere.length === 0) return [];
  const { diagram } = view;
  const nobodys = diagram.difference(
    view.all(view.offLoopback(field), sets.existing(field)),
    view.named(field, elsewhere),
  );
  if (nobodys === NONE) return [];
  for (const { open, free } of judgement.needs) {
    const passing = view.project(open, free);
    const there = view.projectAnd(open, nobodys, free);
    if (within(diagram, passing, there)) continue;
    const rest = diagram.difference(open, there);
    return elsewhere.filter((one) => meets(diagram, rest, view.named(field, [one])));
  }
  return [];
}

function textOf(theirs: readonly InterfacePattern[], { role, binding }: Party): string {
  const names = [...new Set(theirs.map((one) => `\`${interfaceText(one)}\``))].sort();
  const what = names.length > 1 ? 'interfaces' : 'an interface';
  const who = binding === 'internet' ? 'the Internet' : `\`${role}\``;
  return `some of it passes only by ${what} bound to other roles (${names.join(', ')}); if ${who} is not there, it is closed`;
}
