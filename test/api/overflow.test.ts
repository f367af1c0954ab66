import { describe, expect, it } from 'vitest';
import { openings } from '../../src/api/openings.ts';
import { VARIABLE_LIMIT } from '../../src/packet/layout.ts';

const input = (lines: readonly string[]) => ({
  path: 'rules.v4',
  bytes: Buffer.from(
    [
      '*filter',
      ':INPUT DROP [0:0]',
      ':FORWARD DROP [0:0]',
      ':OUTPUT DROP [0:0]',
      ...lines,
      'COMMIT',
      '',
    ].join('\n'),
  ),
});

describe('what outgrows the analysis', () => {
  it('is told in the coverage where unmodelled matches are no longer told apart', async () => {
    const count = VARIABLE_LIMIT + 3;
    const lines = Array.from({ length: count }, (_, i) =>
      ['DROP', 'ACCEPT'].map((verdict) => `-A INPUT -p tcp --dport ${i} -m u32 --u32 "${i}=1" -j ${verdict}`),
    ).flat();
    const result = await openings({ configs: [input(lines)], hook: 'input' });
    if (!result.ok) throw new Error(JSON.stringify(result.errors[0]?.message));
    const told = result.value.coverage.filter((line) => line.reason.includes('told apart'));
    expect(told).toHaveLength(6);
    expect(told.every((line) => line.status === 'approximated' && line.text.includes('u32'))).toBe(true);
    // Each is dropped before it is accepted; only those that are not told apart may seem open.
    const ports = new Set(result.value.openings.flatMap((opening) => opening.box.destinationPorts ?? []));
    expect(result.value.openings.every((opening) => opening.certainty === 'possible')).toBe(true);
    expect(ports.size).toBeLessThanOrEqual(3);
  });

  it('is possible where a mask with holes makes more ranges than can be listed', async () => {
    const lines = [
      '-A INPUT -s 0.0.0.5/0.0.0.255 -p tcp --dport 80 -j ACCEPT',
      '-A INPUT -s 10.0.0.5/255.0.0.255 -p tcp --dport 81 -j DROP',
      '-A INPUT -p tcp --dport 81 -j ACCEPT',
      '-A INPUT -s 10.0.0.0/255.255.0.255 -p tcp --dport 82 -j ACCEPT',
    ];
    const result = await openings({ configs: [input(lines)], hook: 'input' });
    if (!result.ok) throw new Error(JSON.stringify(result.errors[0]?.message));
    const found = result.value.openings.map(({ certainty, box }) =>
      [certainty, box.destinationPorts, box.sources?.length ?? '*'].join(' '),
    );
    expect(found).toEqual(['definite 82 256', 'possible 80 *', 'possible 81 *']);
    const told = result.value.coverage.filter(({ reason }) => reason.includes('holes'));
    expect(told.map(({ line }) => line)).toEqual([5, 6]);
  });

  it('is possible where a rule gives packets of any network the addresses of one', async () => {
    const dump = (network: string): string =>
      [
        '*nat',
        ':PREROUTING ACCEPT [0:0]',
        ':OUTPUT ACCEPT [0:0]',
        ':POSTROUTING ACCEPT [0:0]',
        `-A PREROUTING ${network}-i eth0 -j NETMAP --to 10.9.2.0/24`,
        'COMMIT',
        '*filter',
        ':INPUT DROP [0:0]',
        ':FORWARD DROP [0:0]',
        ':OUTPUT DROP [0:0]',
        '-A FORWARD -d 10.9.2.10/32 -p tcp -m tcp --dport 443 -j ACCEPT',
        'COMMIT',
        '',
      ].join('\n');
    const asked = (network: string) =>
      openings({ configs: [{ path: 'rules.v4', bytes: Buffer.from(dump(network)) }], hook: 'forward' });
    const found = async (network: string): Promise<readonly unknown[][]> => {
      const result = await asked(network);
      if (!result.ok) throw new Error(JSON.stringify(result.errors[0]?.message));
      const told = result.value.coverage.filter(({ reason }) => reason.includes('with `-d`'));
      const shown = result.value.openings.map(({ certainty, box, translated }) => [
        certainty,
        box.destinations,
        translated?.destination,
      ]);
      return [...shown, ...told.map(({ line, status }) => [line, status])];
    };
    expect(await found('')).toEqual([
      ['definite', ['10.9.2.10'], undefined],
      ['possible', undefined, '10.9.2.0-10.9.2.255'],
      [5, 'approximated'],
    ]);
    expect(await found('-d 192.0.2.0/24 ')).toEqual([
      ['definite', ['10.9.2.10'], undefined],
      ['definite', ['192.0.2.10'], "10.9.2.0 with the packet's own host bits"],
    ]);
  });

  it('is possible where an ipset’s bitmask with holes does', async () => {
    const sets = [
      'create few hash:ip family inet bitmask 255.255.0.255\nadd few 10.0.0.0',
      'create many hash:ip family inet bitmask 0.0.0.255\nadd many 0.0.0.5',
      'create both list:set\nadd both few\nadd both many\n',
    ].join('\n');
    const lines = ['few', 'many', 'both'].map(
      (name, i) => `-A INPUT -p tcp --dport ${80 + i} -m set --match-set ${name} src -j ACCEPT`,
    );
    const configs = [input(lines), { path: 'sets.ipset', bytes: Buffer.from(sets) }];
    const result = await openings({ configs, hook: 'input' });
    if (!result.ok) throw new Error(JSON.stringify(result.errors[0]?.message));
    const found = result.value.openings.map(({ certainty, box }) =>
      [certainty, box.destinationPorts, box.sources?.length ?? '*'].join(' '),
    );
    expect(found).toEqual(['definite 80 256', 'possible 81 *', 'possible 82 *']);
  });
});
