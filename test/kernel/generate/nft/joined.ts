import { formatAddress } from '../../wire/address.ts';
import { address } from '../addresses.ts';
import { type Chance, happens, pick, some } from '../chance.ts';
import { spec } from '../match-spec.ts';
import type { Aim, MatchSpec } from '../spec.ts';
import { icmpOf } from './fields.ts';
import type { NftPlace } from './place.ts';
import { aimsAt } from './value.ts';

const PORTS: readonly number[] = [22, 53, 80, 443, 8080];
const PROTOCOLS = [
  ['tcp', 6],
  ['udp', 17],
  ['sctp', 132],
] as const;

/** The words of a key with its elements, and packets at them. */
export interface Joined {
  readonly words: string;
  readonly keys: readonly string[];
  readonly aims: readonly Aim[];
}

/** `ip daddr . meta l4proto . th dport`, as Kubernetes asks, or the last two of them. */
export function services(chance: Chance, { family }: NftPlace): Joined {
  const withAddress = happens(chance, 60);
  const aims: Aim[] = [];
  const keys = some(chance, PORTS, 1, 4).map((dport) => {
    const [name, protocol] = pick(chance, PROTOCOLS);
    const dst = address(chance, family);
    const own = withAddress ? { dst } : {};
    aims.push({ ...own, protocol, dport }, { ...own, protocol, dport: dport + 1 });
    aims.push({ ...own, protocol: protocol === 6 ? 17 : 6, dport });
    return `${withAddress ? `${formatAddress(family, dst)} . ` : ''}${name} . ${dport}`;
  });
  const first = withAddress ? `${family === 4 ? 'ip' : 'ip6'} daddr . ` : '';
  return { words: `${first}meta l4proto . th dport`, keys, aims };
}

/** `icmp type . icmp code`. */
function messages(chance: Chance, { family }: NftPlace): Joined {
  const [type, code] = [icmpOf(family, 'type'), icmpOf(family, 'code')];
  const aims: Aim[] = [];
  const keys = type.pieces(chance, chance.integer(1, 3), true).map((piece) => {
    const codes = code.pieces(chance, 1, false);
    for (const aim of aimsAt(type, [piece]))
      for (const { icmpCode } of aimsAt(code, codes))
        aims.push({ ...aim, ...(icmpCode === undefined ? {} : { icmpCode }) });
    return `${piece.text} . ${codes[0]?.text ?? '0'}`;
  });
  return { words: `${type.words} . ${code.words}`, keys, aims };
}

/** Fields that belong together, looked up as one. */
export function joined(chance: Chance, place: NftPlace): MatchSpec | undefined {
  if (place.tableFamily === 'netdev') return undefined;
  const isService = happens(chance, 65);
  const { words, keys, aims } = isService ? services(chance, place) : messages(chance, place);
  const construct = isService ? 'services' : 'icmp type . icmp code';
  return spec(construct, `${words} ${pick(chance, ['', '', '!= '])}{ ${keys.join(', ')} }`, aims);
}
