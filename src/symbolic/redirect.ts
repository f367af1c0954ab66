import { ALL, type Diagram, type Node } from '../packet/diagram.ts';
import { nameRanges } from '../packet/interface-names.ts';
import { rangesNode } from '../packet/literals.ts';
import type { HostFacts } from '../rule/ruleset.ts';
import { ownAddresses } from './address-types.ts';
import type { Scope } from './scope.ts';

/**
 * The address that REDIRECT gives: at output the loopback address, in prerouting the incoming interface's first one
 * (net/netfilter/nf_nat_redirect.c). Without facts it is unknown.
 */
export function redirectAddress(
  diagram: Diagram,
  field: 'src' | 'dst',
  { family, hook }: Scope,
  host: HostFacts | undefined,
): Node {
  const width = family === 4 ? 4 : 16;
  if (field === 'dst' && hook === 'output')
    return rangesNode(diagram, 'dst', family === 4 ? [0x7f000001, 0x7f000001] : [1n, 1n], ALL, width);
  if (host === undefined) return ALL;
  if (field === 'src') return rangesNode(diagram, 'src', ownAddresses(host, family), ALL, width);
  const unknown = diagram.not(
    rangesNode(diagram, 'in', nameRanges(host.interfaces.map((name) => ({ name, prefix: false }))), ALL),
  );
  const choices = host.interfaces.map((name) => {
    const addresses = host.addresses.filter((a) => a.interface === name && a.family === family);
    const used = family === 4 ? addresses.slice(0, 1) : addresses;
    const node = diagram.orAll(
      used.map(({ address }) => {
        const values = family === 4 ? [Number(address), Number(address)] : [address, address];
        return rangesNode(diagram, 'dst', values as readonly number[], ALL, width);
      }),
    );
    return rangesNode(diagram, 'in', nameRanges([{ name, prefix: false }]), node);
  });
  return diagram.orAll([...choices, unknown]);
}
