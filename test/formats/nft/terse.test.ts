import { describe, expect, it } from 'vitest';
import { openingsOf } from '../../../src/compare/openings.ts';
import { nftReader } from '../../../src/formats/nft/index.ts';
import { assemble } from '../../../src/rule/assemble.ts';
import { SourceFile } from '../../../src/text/source.ts';

/** What a listing lets in over IPv4, from elsewhere, and what is told of it. */
function opened(
  text: string,
  name = 'listing.nft',
): { openings: readonly string[]; told: readonly string[] } {
  const format = name.endsWith('.json') ? 'nft-json' : 'nft';
  const read = nftReader.read(new SourceFile(name, text), format, 'host');
  if (!read.ok) throw new Error(read.errors[0]?.message);
  const assembled = assemble([read.value]);
  if (!assembled.ok) throw new Error('not assembled');
  const openings = openingsOf(assembled.value.ruleset, 'input', () => undefined)
    .filter(({ box }) => box.family === 'ipv4' && box.in?.any?.join() !== 'lo')
    .map(({ certainty, box: { protocols, sources, destinationPorts } }) =>
      [certainty, ...[protocols, sources, destinationPorts].map((field) => field?.join() ?? '*')].join(' '),
    );
  return { openings, told: read.value.coverage.map(({ reason }) => reason) };
}

const SETS = `	set admins {
		type ipv4_addr
	}

	set banned {
		type ipv4_addr
	}
`;

const listing = (sets: string, rules: string, hook = 'policy drop;'): string => `table inet t {
${sets}
	chain c {
		type filter hook input priority filter; ${hook}
${rules}
	}
}
`;

const RULES = `		ip saddr @banned drop
		ip saddr @admins tcp dport 22 accept
		tcp dport 80 accept`;

describe('a listing in which no set has elements, as `nft -t` prints it', () => {
  it('leaves open what a set lets in, and not what a set of banned addresses keeps out', () => {
    const { openings, told } = opened(listing(SETS, RULES));
    expect(openings).toEqual(['definite 6 * 80', 'possible 6 * 22']);
    expect(told.filter((reason) => reason.includes('without `-t`'))).toHaveLength(1);
    expect(told.filter((reason) => reason.startsWith('no packet is in the set `banned`'))).toHaveLength(1);
  });

  it('is no script, where sets are empty as they say', () => {
    const script = opened(`flush ruleset\n${listing(SETS, RULES)}`);
    expect(script.openings).toEqual(['definite 6 * 80']);
    const noted = opened(listing(SETS, `		# admins are added later\n${RULES}`));
    expect(noted.openings).toEqual(['definite 6 * 80']);
    const otherwise = opened(listing(SETS, RULES).replace('; policy drop', '\n\t\tpolicy drop'));
    expect(otherwise.openings).toEqual(['definite 6 * 80']);
  });

  it('has elements where any set has some', () => {
    const full = SETS.replace('type ipv4_addr\n', 'type ipv4_addr\n\t\telements = { 192.0.2.1 }\n');
    expect(opened(listing(full, RULES)).openings).toEqual(['definite 6 192.0.2.1 22', 'definite 6 * 80']);
  });

  it('is not taken for one because of one set alone', () => {
    const one = opened(listing(SETS, '		ip saddr @admins tcp dport 22 accept'));
    expect(one.openings).toEqual([]);
    expect(one.told).toHaveLength(1);
  });

  it('is known by the count that nft 1.1.2 writes, so that no set is taken for empty', () => {
    const counted = SETS.replace('type ipv4_addr\n', 'type ipv4_addr\n\t\tsize 65535\t# count 3\n');
    const { openings } = opened(listing(counted, RULES));
    expect(openings).toEqual(['possible 6 * 22', 'possible 6 * 80']);
  });

  it('is not known by elements that have expired, which are counted and not listed, where others are listed', () => {
    const seen =
      '\n	set seen {\n		type ipv4_addr\n		size 65535\t# count 3\n		flags dynamic,timeout\n		timeout 1m\n	}\n';
    const expired = `${SETS.replace('type ipv4_addr\n', 'type ipv4_addr\n\t\telements = { 192.0.2.1 }\n')}${seen}`;
    expect(opened(listing(expired, RULES)).openings).toEqual(['definite 6 192.0.2.1 22', 'definite 6 * 80']);
    expect(opened(listing(SETS + seen, RULES)).openings).toEqual(['possible 6 * 22', 'possible 6 * 80']);
  });

  it('leaves open what a set may keep out where it asks what is not in it', () => {
    const rules = '		ip saddr != @admins drop\n		ip saddr @banned drop\n		tcp dport 80 accept';
    expect(opened(listing(SETS, rules)).openings).toEqual(['possible 6 * 80']);
  });

  it('takes a chain that drops for a drop', () => {
    const chain = '	chain log_drop {\n		log prefix "x"\n		drop\n	}\n';
    const rules = '		ip saddr @banned jump log_drop\n		tcp dport 80 accept\n		ip saddr @admins accept';
    const { openings } = opened(listing(`${SETS}\n${chain}`, rules));
    expect(openings[0]).toBe('definite 6 * 80');
  });

  it('says of a verdict map nothing but what it is asked for', () => {
    const maps = `	map services {
		type inet_service : verdict
	}

	map others {
		type ipv4_addr : verdict
	}
`;
    const rules = '		tcp dport vmap @services\n		ip saddr vmap @others';
    expect(opened(listing(maps, '		tcp dport vmap @services')).openings).toEqual([]);
    expect(opened(listing(maps, rules)).openings).toEqual(['possible 6 * *', 'possible 0-5,7-255 * *']);
    const tcp = rules.replace('ip saddr vmap @others', 'udp dport vmap @services');
    expect(opened(listing(maps, tcp)).openings).toEqual([]);
  });

  it('says nothing of what a map of limits or counters has, without which a rule ends', () => {
    const maps = `	map limits {
		type ipv4_addr : limit
	}

	map counters {
		type ipv4_addr : counter
	}
`;
    const rules = `		limit name ip saddr map @limits tcp dport 22 accept
		counter name ip saddr map @counters tcp dport 80 accept`;
    expect(opened(listing(maps, rules)).openings).toEqual(['possible 6 * 22', 'possible 6 * 80']);
    const drops =
      '		counter name ip saddr map @counters drop\n		limit name ip saddr map @limits\n		accept';
    expect(opened(listing(maps, drops)).openings).toEqual(['definite * * *']);
  });

  it('is told of JSON too, by what stands first in it', () => {
    const set = (name: string) => ({
      set: { family: 'inet', table: 't', name, type: 'ipv4_addr', handle: 1 },
    });
    const match = (name: string) => ({
      match: { op: '==', left: { payload: { protocol: 'ip', field: 'saddr' } }, right: `@${name}` },
    });
    const rule = (...expr: readonly object[]) => ({
      rule: { family: 'inet', table: 't', chain: 'c', handle: 9, expr },
    });
    const chain = {
      family: 'inet',
      table: 't',
      name: 'c',
      handle: 3,
      type: 'filter',
      hook: 'input',
      prio: 0,
    };
    const list = [
      { table: { family: 'inet', name: 't', handle: 1 } },
      set('admins'),
      set('banned'),
      { chain: { ...chain, policy: 'drop' } },
      rule(match('banned'), { drop: null }),
      rule(match('admins'), { accept: null }),
    ];
    const head = { metainfo: { version: '1.0.6', release_name: 'x', json_schema_version: 1 } };
    const json = (nftables: readonly object[]) => opened(JSON.stringify({ nftables }), 'x.json').openings;
    expect(json([head, ...list])).toEqual(['possible * * *']);
    expect(json(list)).toEqual([]);
  });
});
