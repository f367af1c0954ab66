import { readFileSync } from 'node:fs';
import { Ajv } from 'ajv';
import { describe, expect, it } from 'vitest';
import {
  controlsOfRule,
  controlsOfState,
  controlTag,
  FRAMEWORKS,
  stateOf,
} from '../../src/finding/controls.ts';
import { controlsReport } from '../../src/finding/controls-report.ts';
import { RULES } from '../../src/finding/rules.ts';
import { report } from '../report/sample.ts';

const data = JSON.parse(readFileSync('src/finding/controls.json', 'utf8'));

/** What issue F names; Article 13 and the SRG stand for several entries each. */
const NAMED: Readonly<Record<string, readonly string[]>> = {
  'pci-dss': ['1.2.1', '1.2.5', '1.2.6', '1.2.7', '1.2.8', '1.3.1', '1.3.2', '1.4.2'],
  'nist-800-53': ['SC-7', 'SC-7(4)', 'SC-7(5)', 'CM-7', 'AC-4'],
  'cis-controls': ['4.4', '4.5', '12.2', '13.4'],
  'iso-27001': ['A.8.20', 'A.8.21', 'A.8.22'],
};

describe('the controls', () => {
  it('satisfy their schema', () => {
    const schema = JSON.parse(readFileSync('schemas/controls.schema.json', 'utf8'));
    const validate = new Ajv({ allErrors: true, strict: true, strictRequired: false }).compile(schema);
    validate(data);
    expect(validate.errors).toBeNull();
    expect(
      validate({
        ...data,
        evidence: [{ rule: 'x', state: 'needed-open', bearing: 'for', requirements: {} }],
      }),
    ).toBe(false);
  });

  it('name the requirements that they must, in their editions', () => {
    const ids = new Map(FRAMEWORKS.map((f) => [f.id, f.requirements.map(({ id }) => id)]));
    for (const [framework, wanted] of Object.entries(NAMED)) expect(ids.get(framework)).toEqual(wanted);
    expect(ids.get('disa-firewall-srg')?.every((id) => /^SRG-NET-\d{6}-FW-\d{6}$/.test(id))).toBe(true);
    expect(ids.get('dora-rts')?.every((id) => /^Art\. 13\([a-m]\)$/.test(id))).toBe(true);
    expect(FRAMEWORKS.map((f) => `${f.id} ${f.version}`)).toEqual([
      'pci-dss 4.0.1',
      'nist-800-53 Revision 5',
      'cis-controls 8',
      'iso-27001 2022',
      'disa-firewall-srg V3R3',
      'dora-rts 2024/1774',
    ]);
  });

  it.each(RULES.map(({ id }) => id))('say what a finding `%s` evidences', (id) => {
    const frameworks = new Set(controlsOfRule(id).map(({ framework }) => framework));
    for (const framework of ['pci-dss', 'nist-800-53', 'cis-controls', 'iso-27001', 'dora-rts'])
      expect(frameworks).toContain(framework);
  });

  it('have no evidence of an unknown rule, framework or requirement, and no requirement without evidence', () => {
    const known = new Set(FRAMEWORKS.flatMap((f) => f.requirements.map(({ id }) => `${f.id}:${id}`)));
    const rules = new Set(RULES.map(({ id }) => id));
    const used = new Set<string>();
    for (const entry of data.evidence) {
      if (entry.rule !== undefined) expect(rules).toContain(entry.rule);
      const here = Object.values(entry.requirements as Record<string, Record<string, string[]>>).flatMap(
        (named) => Object.entries(named).flatMap(([framework, ids]) => ids.map((id) => `${framework}:${id}`)),
      );
      expect(new Set(here).size).toBe(here.length);
      for (const tag of here) {
        expect(known).toContain(tag);
        used.add(tag);
      }
      const read = entry.rule === undefined ? controlsOfState(entry.state) : controlsOfRule(entry.rule);
      expect(read.map(controlTag).sort()).toEqual([...here].sort());
    }
    expect([...known].filter((tag) => !used.has(tag))).toEqual([]);
  });

  it('are at most a sign where a requirement is about a review or a process', () => {
    for (const { id } of RULES)
      for (const reference of controlsOfRule(id))
        if (['pci-dss:1.2.7', 'dora-rts:Art. 13(h)'].includes(controlTag(reference)))
          expect(reference.strength).toBe('indirectly');
  });

  it('never speak of compliance', () => {
    const text = readFileSync('src/finding/controls.json', 'utf8');
    expect(text).not.toMatch(/complian|complies|comply/i);
  });
});

describe('a report’s controls', () => {
  it('count what evidences each requirement, waived findings apart', () => {
    const [first] = report.hosts[1]?.findings ?? [];
    const hosts = report.hosts.map((host) => ({
      ...host,
      findings: [...host.findings, ...(host.name === 'ss1' && first ? [{ ...first, waived: 'w1' }] : [])],
    }));
    const pci = controlsReport(hosts).frameworks.find(({ id }) => id === 'pci-dss');
    const requirement = pci?.requirements.find(({ id }) => id === '1.2.5');
    expect(requirement?.against).toEqual([
      { rule: 'undocumented-opening', strength: 'supports', findings: 1, waived: 1 },
    ]);
    expect(requirement?.for).toEqual([{ state: 'needed-open', strength: 'partially', connections: 1 }]);
    const none = pci?.requirements.find(({ id }) => id === '1.4.2');
    expect(none?.for).toEqual([]);
  });

  it('count for a direction what was found that way, and what is forwarded', () => {
    const found = (rule: string, hook: 'input' | 'forward' | 'output' | 'ingress' | 'egress') => ({
      rule,
      hook,
    });
    const row = report.hosts.flatMap(({ connections }) => connections)[0];
    const closed = (direction: 'in' | 'out' | 'loopback') =>
      row === undefined
        ? []
        : [{ ...row, direction, level: 'prohibited' as const, status: 'satisfied' as const }];
    const host = {
      connections: [...closed('in'), ...closed('in'), ...closed('out'), ...closed('loopback')],
      findings: [
        found('undocumented-opening', 'input'),
        found('undocumented-opening', 'ingress'),
        found('undocumented-opening', 'forward'),
        found('undocumented-opening', 'output'),
        found('prohibited-open', 'egress'),
      ],
    };
    const pci = controlsReport([host]).frameworks.find(({ id }) => id === 'pci-dss');
    const counts = (wanted: string) => {
      const { against = [], for: met = [] } = pci?.requirements.find(({ id }) => id === wanted) ?? {};
      return [
        ...against.map((one) => [one.rule, one.findings]),
        ...met.map((one) => [one.state, one.connections]),
      ];
    };
    expect(counts('1.3.1')).toEqual([
      ['undocumented-opening', 3],
      ['prohibited-closed', 2],
    ]);
    expect(counts('1.3.2')).toEqual([
      ['undocumented-opening', 2],
      ['prohibited-open', 1],
      ['prohibited-closed', 1],
    ]);
    expect(counts('1.2.5')).toEqual([
      ['prohibited-open', 1],
      ['undocumented-opening', 4],
    ]);
    expect(counts('1.2.1').at(-1)).toEqual(['prohibited-closed', 4]);
  });

  it('are of a finding what its direction has', () => {
    const tags = (way: 'in' | 'out' | 'forward') =>
      controlsOfRule('undocumented-opening', way).map(controlTag);
    expect(tags('in')).toContain('pci-dss:1.3.1');
    expect(tags('in')).not.toContain('pci-dss:1.3.2');
    expect(tags('out')).not.toContain('disa-firewall-srg:SRG-NET-000364-FW-000031');
    expect(tags('forward')).toEqual(controlsOfRule('undocumented-opening').map(controlTag));
  });

  it('take only satisfied rows that had to be as they are for evidence', () => {
    expect(stateOf({ status: 'satisfied', level: 'required' })).toBe('needed-open');
    expect(stateOf({ status: 'satisfied', level: 'prohibited' })).toBe('prohibited-closed');
    expect(stateOf({ status: 'satisfied', level: 'optional' })).toBeUndefined();
    for (const status of ['partial', 'missing', 'undetermined', 'not-applicable', 'waived'] as const)
      expect(stateOf({ status, level: 'required' })).toBeUndefined();
  });
});
