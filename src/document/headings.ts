import type { ColumnMeaning } from './document.ts';

type Kind = ColumnMeaning['kind'];

const words = (text: string): ReadonlySet<string> => new Set(text.split(' '));

/** Words that may stand beside "port" in a heading of port numbers; any other ("port speed") makes it another column. */
const BESIDE_PORT = words(
  'a an and as application at back by client communication connection default dest destination dst endpoint end ' +
    'external firewall from host in inbound incoming internal ip layer listen listening listens local network no ' +
    'number numbers of on open opened or origin out outbound outgoing port portrange ports protocol protocols proto ' +
    'range ranges remote required s sctp server service services source src standard start target tcp the to ' +
    'transport udp use used using value values',
);
const PORT = words('port ports portrange');
const SOURCE = words(
  'source sources src from origin originator initiator initiators sender requester caller client',
);
const DESTINATION = words(
  'destination destinations dest dst to target targets receiver recipient responder listener',
);

/** The kinds of the other headings, each by words of which one is enough; the first kind that fits is taken. */
const BY_WORD: readonly (readonly [Kind, ReadonlySet<string>])[] = [
  ['required', words('required mandatory optional necessity requirement obligatory needed')],
  ['permission', words('permission permissions action allow allowed permit permitted access policy verdict')],
  ['direction', words('direction directions flow bound inout')],
  ['protocol', words('protocol protocols proto transport')],
  [
    'description',
    words(
      'description descriptions note notes purpose comment comments remark remarks usage use details detail reason ' +
        'explanation information info function why when condition conditions used rationale',
    ),
  ],
  ['service', words('service services application applications app')],
  [
    'name',
    words(
      'component components process processes daemon module host hosts server servers system systems node nodes name ' +
        'role roles type machine machines product peer remote device devices party instance interface zone network',
    ),
  ],
];

/** Whole headings whose words one by one would say something else. */
const WHOLE: ReadonlyMap<string, Kind> = new Map<string, Kind>(
  Object.entries({
    'connection type': 'direction',
    'connection direction': 'direction',
    connection: 'direction',
    connections: 'direction',
    communication: 'direction',
    'communication path': 'direction',
    'data flow': 'direction',
    'traffic type': 'direction',
    'traffic direction': 'direction',
    traffic: 'direction',
    'inbound outbound': 'direction',
    'in out': 'direction',
    'ingress egress': 'direction',
    'inbound or outbound': 'direction',
    'rule type': 'direction',
    'rule direction': 'direction',
    'used by': 'name',
    'application protocol': 'service',
    'service protocol': 'service',
    'service name': 'service',
    'port name': 'service',
    'source code': 'other',
    'source file': 'other',
    'default value': 'other',
  } as const),
);

const plainWords = (heading: string): string =>
  heading
    .normalize('NFKC')
    .toLowerCase()
    .replace(/\(s\)/g, 's')
    .replace(/[^\p{L}\p{N}]+/gu, ' ')
    .trim();

/** Whether a heading such as `Source/Destination` is about whichever end is not the host's own. */
export function namesEitherEnd(heading: string): boolean {
  const parts = plainWords(heading).split(' ');
  return parts.some((part) => SOURCE.has(part)) && parts.some((part) => DESTINATION.has(part));
}

/** Whether a heading such as `Peer`, `Remote host` or `Used by` is about the other end, whoever the row is about. */
export function namesOtherEnd(heading: string): boolean {
  const plain = plainWords(heading);
  return plain === 'used by' || plain.split(' ').some((word) => word === 'peer' || word === 'remote');
}

/** What a column's heading says that its cells are about. */
export function columnMeaning(heading: string): ColumnMeaning {
  const plain = plainWords(heading);
  const whole = WHOLE.get(plain);
  if (whole !== undefined) return { kind: whole };
  const parts = plain.split(' ');
  if (parts.length > 8) return { kind: 'other' };
  const has = (set: ReadonlySet<string>): boolean => parts.some((part) => set.has(part));
  if (has(PORT) && parts.every((part) => BESIDE_PORT.has(part)))
    return { kind: has(SOURCE) && !has(DESTINATION) ? 'source-port' : 'port', ...transport(parts) };
  if (parts.every((part) => part === 'tcp' || part === 'udp') && new Set(parts).size === 1)
    return { kind: 'port', ...transport(parts) };
  if (has(SOURCE) && !has(DESTINATION)) return { kind: 'source' };
  if (has(DESTINATION) && !has(SOURCE)) return { kind: 'destination' };
  if (has(SOURCE)) return { kind: 'direction' };
  return { kind: BY_WORD.find(([, set]) => has(set))?.[0] ?? 'other' };
}

function transport(parts: readonly string[]): { transport?: 'tcp' | 'udp' } {
  const tcp = parts.includes('tcp');
  return tcp === parts.includes('udp') ? {} : { transport: tcp ? 'tcp' : 'udp' };
}

/** How sure a table's headings are that it is one of connections. */
export type Likelihood = 'connections' | 'perhaps' | 'other';

/**
 * Whether headings are those of a table of connections. `perhaps`: ports without a party or a protocol (a list of
 * ports, or of a switch's sockets); whether the cells are port numbers decides.
 */
export function tableLikelihood(meanings: readonly ColumnMeaning[]): Likelihood {
  const kinds = new Set(meanings.map(({ kind }) => kind));
  const party = kinds.has('source') || kinds.has('destination');
  if (kinds.has('port')) {
    if (party || kinds.has('protocol') || kinds.has('direction') || kinds.has('permission'))
      return 'connections';
    const told = meanings.some(({ transport: named }) => named !== undefined);
    return told || kinds.size > 1 ? 'perhaps' : 'other';
  }
  const both = kinds.has('source') && kinds.has('destination');
  return both && (kinds.has('service') || kinds.has('protocol') || kinds.has('permission'))
    ? 'connections'
    : 'other';
}
