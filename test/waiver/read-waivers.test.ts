import { readdirSync, readFileSync } from 'node:fs';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { describe, expect, it } from 'vitest';
import { SourceFile } from '../../src/text/source.ts';
import { dayNumber, daysBetween } from '../../src/waiver/days.ts';
import { readWaivers } from '../../src/waiver/read-waivers.ts';

/** A case is a file of fixtures/waivers/bad; its first line says what is wrong where. */
const folder = 'fixtures/waivers/bad';
const read = (text: string) => readWaivers(new SourceFile('waivers.yaml', text));

const waiver = (packets: string): string => `version: 1
waivers:
  - id: W-1
    rule: closed
    packets: ${packets}
    owner: Ann
    approver: Bob
    reason: why
    created: 2026-11-01
    expires: 2026-12-31
`;

describe('a waiver that can not be used', () => {
  it.each(readdirSync(folder))('%s', (name) => {
    const text = readFileSync(`${folder}/${name}`, 'utf8');
    const [, expected] = /^# expect: (.*)$/m.exec(text) as RegExpExecArray;
    const result = read(text);
    const told = result.ok ? [] : result.errors;
    const found = told.map(({ code, span }) => {
      const place = span?.file.position(span.start);
      return `${code} ${place?.line}:${place?.column}`;
    });
    expect(found).toEqual([expected]);
    expect(told[0]?.expected ?? told[0]?.help).toBeTruthy();
  });
});

describe('the hooks of a waiver', () => {
  const hooks = (line: string) => {
    const result = read(waiver('["tcp 22"]').replace('    owner:', `${line}    owner:`));
    return result.ok ? result.value[0]?.hooks : result.errors;
  };

  it('are one or several, and all where none is named', () => {
    expect(hooks('    hook: input\n')).toEqual(['input']);
    expect(hooks('    hook: [output, forward]\n')).toEqual(['output', 'forward']);
    expect(hooks('')).toBeUndefined();
  });
});

describe('the packets of a waiver', () => {
  const boxes = (packets: string) => {
    const result = read(waiver(packets));
    if (!result.ok) throw new Error(result.errors.map(({ message }) => message).join('; '));
    return result.value[0]?.packets;
  };

  it('have a short form', () => {
    expect(
      boxes('["tcp 5432,80-90 from 10.1.0.0/16,10.0.0.1 to 10.1.2.10 sport 1024-65535 in eth+ out eth1"]'),
    ).toEqual([
      {
        family: 'ipv4',
        protocols: ['6'],
        sourcePorts: ['1024-65535'],
        destinationPorts: ['80-90', '5432'],
        in: { any: ['eth+'] },
        out: { any: ['eth1'] },
        sources: ['10.0.0.1', '10.1.0.0-10.1.255.255'],
        destinations: ['10.1.2.10'],
      },
    ]);
  });

  it('are of both families where nothing says which', () => {
    expect(boxes('[any]')).toEqual([{ family: 'ipv4' }, { family: 'ipv6' }]);
    expect(boxes('["udp 53"]')?.map(({ family }) => family)).toEqual(['ipv4', 'ipv6']);
    expect(boxes('["tcp 22 from 2001:db8::/32"]')?.map(({ family }) => family)).toEqual(['ipv6']);
    expect(boxes('["icmp type 8/0"]')).toEqual([{ family: 'ipv4', protocols: ['1'], icmp: ['8/0'] }]);
  });

  it.each(['8/0/0', '256', '8/256', '9-8', 'echo-request', '*/*/*'])('have no ICMP type %s', (icmp) => {
    const box = { family: 'ipv4', protocols: ['1'], icmp: [icmp] };
    expect(() => boxes(JSON.stringify([box]))).toThrow('is not an ICMP type and code');
  });

  it('are taken as a report has them', () => {
    const box = {
      family: 'ipv4',
      protocols: ['6'],
      sources: ['10.0.0.0-10.0.0.7'],
      destinationPorts: ['22'],
      in: { any: ['eth0'], except: ['eth01'] },
      peerGroups: ['sg-1'],
    };
    expect(boxes(JSON.stringify([box]))).toEqual([box]);
  });
});

describe('the days of waivers', () => {
  it('are days of the calendar', () => {
    expect(dayNumber('2024-02-29')).toBe(19782);
    for (const text of ['2026-02-29', '2026-13-01', '2026-00-10', '2026-1-1', '20261101', ' 2026-11-01'])
      expect(dayNumber(text)).toBeUndefined();
    expect(daysBetween('2026-11-20', '2026-12-31')).toBe(41);
    expect(daysBetween('2026-12-31', '2026-11-20')).toBe(-41);
  });
});

describe('the schemas', () => {
  it.each(['waivers', 'config', 'known'])('of %s are valid', (name) => {
    const schema = JSON.parse(readFileSync(`schemas/${name}.schema.json`, 'utf8'));
    const ajv = new Ajv2020({ strict: true });
    expect(ajv.validateSchema(schema)).toBe(true);
    expect(() => ajv.compile(schema)).not.toThrow();
  });
});
