import { HarnessError } from './agent.ts';
import { parseAddress } from './wire/address.ts';

/** The mark of packets that the harness itself sends from the host; everything else that the host says is dropped. */
export const SENDER_MARK = 0x504f5354;

const TABLE = 'postern_recorder';
const SIZE = 65_535;
const FAMILIES = [4, 6] as const;
const IDENTITY = { 4: 'ip id', 6: 'ip6 flowlabel' } as const;
const ADDRESS = { 4: 'ip daddr', 6: 'ip6 daddr' } as const;
const VERSION = { 4: 'meta nfproto ipv4', 6: 'meta nfproto ipv6' } as const;
/** Protocols whose destination port is recorded: those that nat can translate ports of, and nft reads with `th`. */
const WITH_PORTS = '{ 6, 17, 33, 132, 136 }';

/** How the recorder watches. */
export interface RecorderOptions {
  /** Whether conntrack watches both families even where no rule under test asks for it. */
  readonly conntrack: boolean;
  /**
   * What the host sends to itself is watched as it leaves (hook output, the default) or as it arrives (hook input,
   * interface `lo`), which are two packets to postern.
   */
  readonly loopback?: 'leaves' | 'arrives';
}

/**
 * The harness' own table. Its chains stand before and after everything else: at -1000 packets get the marks that
 * they arrive with, at -250 (after raw, before conntrack) some become untracked, at 1000 of the last hook the
 * survivors are written down and dropped, so that nothing answers and no connection stays.
 */
export function recorderScript(options: RecorderOptions): string {
  const sets = FAMILIES.flatMap((family) => [
    ...['input', 'postrouting'].map(
      (hook) =>
        `set ${hook}${family} { typeof ${IDENTITY[family]} . ${ADDRESS[family]} . meta mark; size ${SIZE}; flags dynamic; }`,
    ),
    `set ports${family} { typeof ${IDENTITY[family]} . th dport; size ${SIZE}; flags dynamic; }`,
    `map marks${family} { typeof ${IDENTITY[family]} : meta mark; }`,
    `set untracked${family} { typeof ${IDENTITY[family]}; }`,
  ]);
  return `table inet ${TABLE} {
counter arrived { }
${sets.join('\n')}
chain arrive { type filter hook prerouting priority -1000; iifname "lo" accept; counter name arrived; ${marks()} }
chain leave { type filter hook output priority -1000; meta mark != ${SENDER_MARK} drop; meta mark set 0; counter name arrived; ${marks()} }
chain untrack { type filter hook prerouting priority -250; iifname "lo" accept; ${untrack()} }
chain untrack_own { type filter hook output priority -250; ${untrack()} }
${options.conntrack ? 'chain track { type filter hook forward priority -1000; ct state new accept; }' : ''}
chain input { type filter hook input priority 1000; ${record('input')}; drop; }
chain postrouting { type filter hook postrouting priority 1000; ${options.loopback === 'arrives' ? 'oifname "lo" accept;' : ''} ${record('postrouting')}; drop; }
}
`;
}

function marks(): string {
  return FAMILIES.map((f) => `${VERSION[f]} meta mark set ${IDENTITY[f]} map @marks${f};`).join(' ');
}

function untrack(): string {
  return FAMILIES.map((f) => `${VERSION[f]} ${IDENTITY[f]} @untracked${f} notrack;`).join(' ');
}

function record(hook: string): string {
  return FAMILIES.flatMap((f) => [
    `${VERSION[f]} update @${hook}${f} { ${IDENTITY[f]} . ${ADDRESS[f]} . meta mark }`,
    `${VERSION[f]} meta l4proto ${WITH_PORTS} update @ports${f} { ${IDENTITY[f]} . th dport }`,
  ]).join('; ');
}

/** What the recorder must know of a batch before it is sent. */
export interface Expectation {
  readonly family: 4 | 6;
  readonly identity: number;
  readonly mark: number;
  readonly untracked: boolean;
}

/** The nft script that empties the recorder and tells it about a batch. */
export function batchScript(expected: readonly Expectation[]): string {
  const lines: string[] = [];
  for (const family of FAMILIES) {
    for (const name of ['input', 'postrouting', 'ports', 'untracked'])
      lines.push(`flush set inet ${TABLE} ${name}${family}`);
    lines.push(`flush map inet ${TABLE} marks${family}`);
    const own = expected.filter((one) => one.family === family);
    const marked = own.filter((one) => one.mark !== 0).map((one) => `${one.identity} : ${one.mark}`);
    if (marked.length > 0) lines.push(`add element inet ${TABLE} marks${family} { ${marked.join(', ')} }`);
    const untracked = own.filter((one) => one.untracked).map((one) => one.identity);
    if (untracked.length > 0)
      lines.push(`add element inet ${TABLE} untracked${family} { ${untracked.join(', ')} }`);
  }
  return `${lines.join('\n')}\n`;
}

/** A packet that reached the recorder behind the last hook. */
export interface Survivor {
  readonly hook: 'input' | 'postrouting';
  readonly dst: bigint;
  /** Undefined for protocols without ports and for later fragments. */
  readonly dport: number | undefined;
  readonly mark: number;
}

/** What the recorder saw of a batch. */
export interface Recording {
  /** Packets that reached prerouting or output at all, since the recorder was made. */
  readonly arrived: number;
  /** By `family:identity`. */
  readonly survivors: ReadonlyMap<string, Survivor>;
}

/** The command whose output {@link readRecord} reads. */
export const LIST_COMMAND: readonly string[] = ['nft', '-j', 'list', 'table', 'inet', TABLE];

interface Listed {
  readonly counter?: { readonly packets: number };
  readonly set?: { readonly name: string; readonly elem?: readonly unknown[] };
}

/** Reads the JSON of {@link LIST_COMMAND}. */
export function readRecord(json: string): Recording {
  const listed = JSON.parse(json).nftables as readonly Listed[];
  const counter = listed.find((entry) => entry.counter !== undefined)?.counter;
  if (counter === undefined) throw new HarnessError('the recorder is gone: did a rule set flush it?');
  const sets = new Map(
    listed.flatMap((entry) => (entry.set ? [[entry.set.name, entry.set.elem ?? []]] : [])),
  );
  const survivors = new Map<string, Survivor>();
  for (const family of FAMILIES) {
    const ports = new Map(elements(sets.get(`ports${family}`)).map((e) => [e[0] as number, e[1] as number]));
    for (const hook of ['input', 'postrouting'] as const)
      for (const [identity, address, mark] of elements(sets.get(`${hook}${family}`)))
        survivors.set(`${family}:${identity}`, {
          hook,
          dst: parseAddress(address as string),
          dport: ports.get(identity as number),
          mark: mark as number,
        });
  }
  return { arrived: counter.packets, survivors };
}

/** The concatenations in a listed set. */
function elements(list: readonly unknown[] | undefined): readonly (string | number)[][] {
  return (list ?? []).map((entry) => {
    const element = entry as {
      elem?: { val: { concat: (string | number)[] } };
      concat?: (string | number)[];
    };
    return element.elem?.val.concat ?? element.concat ?? [];
  });
}
