import { describe, expect, it } from 'vitest';
import { type CheckRequest, check, type Report } from '../../src/api.ts';
import { whole } from '../compare/cases.ts';

/** Comments and waivers where a rule is not a line: an nft script, nft's JSON, a cloud's export. */
const run = async (
  path: string,
  text: string,
  more: Partial<CheckRequest> = { inline: true },
): Promise<Report> =>
  whole(
    await check({ configs: [{ path, bytes: Buffer.from(text) }], baselines: ['host-essentials'], ...more }),
  );

const opened = (report: Report) =>
  report.hosts
    .flatMap(({ findings }) => findings)
    .filter(({ rule, family }) => rule === 'undocumented-opening' && family === 'ipv4')
    .map(({ packets, waived }) => {
      const [box] = packets;
      return `${box?.destinationPorts} ${box?.peerGroups ?? box?.sources ?? 'any'} ${waived ?? '-'}`;
    })
    .sort();

const WAIVE = 'postern:waive undocumented-opening console';

/** A dump whose rules accept port 25, each with further matches; those end in a space. */
const mail = (...matches: readonly string[]): string =>
  [
    '*filter',
    ':INPUT DROP [0:0]',
    ':FORWARD DROP [0:0]',
    ':OUTPUT ACCEPT [0:0]',
    ...matches.map((match) => `-A INPUT -p tcp -m tcp --dport 25 ${match}-j ACCEPT`),
    'COMMIT\n',
  ].join('\n');

const EXPORT = JSON.stringify(
  {
    SecurityGroups: [
      {
        GroupId: 'sg-1',
        GroupName: 'web',
        Description: WAIVE,
        OwnerId: '1',
        VpcId: 'vpc-1',
        IpPermissions: [
          {
            IpProtocol: 'tcp',
            FromPort: 5432,
            ToPort: 5432,
            IpRanges: [
              { CidrIp: '10.1.0.0/16', Description: WAIVE },
              { CidrIp: '10.3.0.0/16', Description: 'office' },
            ],
            UserIdGroupPairs: [{ GroupId: 'sg-9', UserId: '2' }],
          },
        ],
        IpPermissionsEgress: [],
      },
    ],
  },
  null,
  1,
);

describe('a comment', () => {
  it('is of its own rule where a line has two', async () => {
    const rules = `tcp dport 24 accept; tcp dport 23 accept comment "${WAIVE}"`;
    const script = `table inet filter {\n chain input { type filter hook input priority 0; policy drop;\n ${rules}\n }\n}\n`;
    expect(opened(await run('two.nft', script))).toEqual(['23 any inline two.nft:3', '24 any -']);
  });

  it('of a rule in nft JSON counts', async () => {
    const base = { family: 'inet', table: 'filter' };
    const match = { match: { op: '==', left: { payload: { protocol: 'tcp', field: 'dport' } }, right: 23 } };
    const text = JSON.stringify({
      nftables: [
        { metainfo: { version: '1.0.6', json_schema_version: 1 } },
        { table: { family: 'inet', name: 'filter', handle: 1 } },
        {
          chain: {
            ...base,
            name: 'input',
            handle: 1,
            type: 'filter',
            hook: 'input',
            prio: 0,
            policy: 'drop',
          },
        },
        { rule: { ...base, chain: 'input', handle: 2, comment: WAIVE, expr: [match, { accept: null }] } },
      ],
    });
    expect(opened(await run('rules.json', text))).toEqual(['23 any inline rules.json:1']);
  });

  it('waives nothing that a line opens too which nobody waives', async () => {
    const dump = (limited: string, whole: string): string => mail(`-m limit --limit 5/min ${limited}`, whole);
    const comment = `-m comment --comment "${WAIVE}" `;
    expect(opened(await run('one.v4', dump(comment, '')))).toEqual(['25 any -']);
    expect(opened(await run('other.v4', dump('', comment)))).toEqual(['25 any -']);
    expect(opened(await run('both.v4', dump(comment, comment)))).toEqual(['25 any inline both.v4:5']);
  });

  it('is used where another waives the same packets, and the first is named', async () => {
    const comment = `-m comment --comment "${WAIVE}" `;
    const text = mail(`-m limit --limit 5/min ${comment}`, comment, comment);
    const report = await run('both.v4', text);
    expect(opened(report)).toEqual(['25 any inline both.v4:5']);
    // The third line sees no packet.
    expect(report.inline?.map(({ line, status }) => `${line} ${status}`)).toEqual([
      '5 used',
      '6 used',
      '7 unused',
    ]);
  });

  it('in another table than filter waives nothing that filter opens', async () => {
    const dump = (mangle: string, filter: string): string =>
      [
        '*mangle',
        ':INPUT ACCEPT [0:0]',
        `-A INPUT -p tcp -m tcp --dport 25 ${mangle}-j ACCEPT`,
        'COMMIT',
        mail(filter),
      ].join('\n');
    const comment = `-m comment --comment "${WAIVE}" `;
    const mangled = await run('mangle.v4', dump(comment, ''));
    expect(opened(mangled)).toEqual(['25 any -']);
    expect(mangled.inline?.map(({ status }) => status)).toEqual(['unused']);
    expect(opened(await run('filter.v4', dump('', comment)))).toEqual(['25 any inline filter.v4:9']);
  });

  it('waives what a table of any name opens where the filter table lets all through', async () => {
    const ruleset = [
      'table inet mine {',
      '  chain input {',
      '    type filter hook input priority filter; policy drop',
      `    tcp dport 25 accept comment "${WAIVE}"`,
      '  }',
      '}',
      'table ip filter {',
      '  chain INPUT { type filter hook input priority filter; policy accept; }',
      '}',
      '',
    ].join('\n');
    const report = await run('rules.nft', ruleset);
    expect(opened(report).filter((one) => one.startsWith('25'))).toEqual(['25 any inline rules.nft:4']);
  });

  it('in the description of a group’s rule counts, that of the group itself does not', async () => {
    const report = await run('groups.json', EXPORT);
    expect(opened(report)).toEqual([
      '5432 10.1.0.0-10.1.255.255 inline groups.json:15',
      '5432 10.3.0.0-10.3.255.255 -',
      '5432 sg-9 -',
    ]);
    expect(report.inline).toHaveLength(1);
  });
});

describe('a waiver at a cloud', () => {
  const waiver = (packets: string): Partial<CheckRequest> => {
    const text = `version: 1\nwaivers:\n  - {id: W, rule: undocumented-opening, hook: ingress, owner: Ann, approver: Bob, reason: why, created: 2026-01-01, expires: 2026-12-31, packets: [${packets}]}\n`;
    return { waivers: { path: 'w.yaml', bytes: Buffer.from(text) }, asOf: '2026-03-01' };
  };

  it('divides what addresses open', async () => {
    expect(opened(await run('groups.json', EXPORT, waiver('tcp 5432 from 10.3.0.0/17')))).toEqual([
      '5432 10.1.0.0-10.1.255.255 -',
      '5432 10.3.0.0-10.3.127.255 W',
      '5432 10.3.128.0-10.3.255.255 -',
      '5432 sg-9 -',
    ]);
  });

  it('covers members of a group by the group’s name, and nobody for a group that is not there', async () => {
    const box = (group: string): string => `{protocols: tcp, destinationPorts: 5432, peerGroups: ${group}}`;
    const some = opened(await run('groups.json', EXPORT, waiver(box('sg-9'))));
    // Members with an address that a network opens are members too: those findings are divided.
    expect(some).toEqual([
      '5432 10.1.0.0-10.1.255.255 -',
      '5432 10.3.0.0-10.3.255.255 -',
      '5432 sg-9 W',
      '5432 sg-9 W',
      '5432 sg-9 W',
    ]);
    const none = opened(await run('groups.json', EXPORT, waiver(box('sg-8'))));
    expect(none.every((one) => one.endsWith('-'))).toBe(true);
  });
});
