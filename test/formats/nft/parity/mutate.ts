import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

const FIXTURES = join(import.meta.dirname, '../../../../fixtures');

/** A source of numbers that are the same for the same seed (a linear congruence, Numerical Recipes). */
export class Random {
  constructor(private state: number) {}

  /** A whole number from 0 to `below` - 1. */
  below(below: number): number {
    this.state = (Math.imul(this.state, 1664525) + 1013904223) >>> 0;
    return Math.floor((this.state / 2 ** 32) * below);
  }

  one<T>(list: readonly T[]): T {
    return list[this.below(list.length)] as T;
  }
}

/** A script to change: what is changed stands in place of the `%` of its frame. */
export interface Seed {
  readonly frame: string;
  readonly body: string;
}

/** The whole script. */
export const scriptOf = ({ frame, body }: Seed): string => frame.replace('%', () => body);

/** Scripts to begin with: the rulesets of the fixtures, and the lines of fixtures/nft-parity in their frames. */
export function seeds(): readonly Seed[] {
  const whole = readdirSync(join(FIXTURES, 'nft'))
    .filter((name) => !name.startsWith('error-') && name !== 'statements')
    .map((name) => ({ frame: '%', body: readFileSync(join(FIXTURES, 'nft', name, 'ruleset.nft'), 'utf8') }));
  const lines = readFileSync(join(FIXTURES, 'nft-parity/lines.txt'), 'utf8').split('\n');
  const scripts: Seed[] = [];
  const broken = (text: string): string => text.replaceAll('|', '\n');
  let frame = '%';
  for (const line of lines) {
    if (line.startsWith('#')) continue;
    if (line.startsWith('frame ')) frame = line.slice(6);
    else if (line.trim() !== '') scripts.push({ frame: broken(frame), body: broken(line.trim()) });
  }
  return [...whole, ...scripts];
}

const TOKEN = /"[^"\n]*"|[\w.:/-]+\*?|\s+|./gs;
const NUMBERS = [
  '0',
  '1',
  '2',
  '22',
  '80',
  '255',
  '256',
  '65535',
  '65536',
  '4294967295',
  '4294967296',
  '0x10',
  '1.2.3.4',
  '10.0.0.0/8',
  '::1',
  '-1',
];
const WORDS = (
  'ip ip6 inet tcp udp th icmp icmpv6 saddr daddr sport dport type code meta mark iifname oifname l4proto nfproto ct state ' +
  'accept drop return jump goto other nowhere @s @m @mv @none reject with limit rate set map vmap . , { } - / : ! != == < > & | ' +
  'established new syn local multicast 10/minute 10/second comment "x" "eth0" lo log counter dnat snat to masquerade redirect ' +
  'add insert delete flush create rule chain table element flags interval constant timeout elements = type ipv4_addr ' +
  'ipv6_addr inet_service verdict policy hook input forward output prerouting postrouting priority filter nat route $x ;'
).split(' ');

/** What is right in one family is not in others: at times the frame's table is one of these. */
const FAMILIES = ['ip', 'ip6', 'inet'];
const inOther = (frame: string, random: Random): string =>
  random.below(4) > 0
    ? frame
    : frame.replace(/^table (?:ip|ip6|inet) t /, () => `table ${random.one(FAMILIES)} t `);

/** A seed with one or two tokens dropped, doubled, swapped or replaced, or in a table of another family. */
export function mutated({ frame: own, body }: Seed, random: Random): Seed {
  const frame = inOther(own, random);
  const tokens: string[] = body.match(TOKEN) ?? [];
  const places = tokens.flatMap((token, at) => (token.trim() === '' ? [] : [at]));
  for (let left = (frame === own ? 1 : 0) + random.below(2); left > 0 && places.length > 1; left--) {
    const at = random.one(places);
    const token = tokens[at] as string;
    switch (random.below(6)) {
      case 0:
        tokens[at] = '';
        break;
      case 1:
        tokens[at] = `${token} ${token}`;
        break;
      case 2: {
        const other = places[places.indexOf(at) + 1];
        if (other !== undefined) [tokens[at], tokens[other]] = [tokens[other] as string, token];
        break;
      }
      case 3:
        tokens[at] = random.one(NUMBERS);
        break;
      case 4:
        tokens[at] = random.one(WORDS);
        break;
      default:
        tokens[at] = /\d/.test(token) ? random.one(NUMBERS) : (tokens[random.one(places)] ?? token);
    }
  }
  return { frame, body: tokens.join('') };
}

/** The shortest seed with the same disagreement that dropping lines and tokens leads to. */
export function shrunk({ frame, body }: Seed, disagrees: (seed: Seed) => boolean): Seed {
  let best = body;
  for (const pattern of [/[^\n]*\n?/g, TOKEN]) {
    for (let size = 8; size >= 1; size >>= 1) {
      for (let at = 0; ; ) {
        const parts: string[] = (best.match(pattern) ?? []).filter((part) => part !== '');
        if (at >= parts.length) break;
        const shorter = [...parts.slice(0, at), ...parts.slice(at + size)].join('');
        if (shorter !== best && disagrees({ frame, body: shorter })) best = shorter;
        else at += size;
      }
    }
  }
  return { frame, body: best };
}
