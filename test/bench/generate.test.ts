import { spawnSync } from 'node:child_process';
import { describe, expect, it } from 'vitest';
import { mixedRules } from '../../bench/generate.ts';
import { accountFiles } from '../../bench/generate-aws.ts';
import { SHAPES } from '../../bench/hostile.ts';
import { iptablesReader } from '../../src/formats/iptables/index.ts';
import { SourceFile } from '../../src/text/source.ts';
import { orRequired } from '../support/required.ts';

const TOOLS = ['iptables-legacy-restore', 'iptables-nft-restore'] as const;
/** Both tools ask the kernel even for `--test`: in a network namespace of their own. */
const test = (tool: string, text: string) =>
  spawnSync('unshare', ['-r', '-n', tool, '--test'], { input: text });
const usable = orRequired(TOOLS.every((tool) => test(tool, '*filter\nCOMMIT\n').status === 0));

const rulesOf = (text: string): string[] => text.split('\n').filter((line) => line.startsWith('-A '));

describe('the rule sets of the benchmark', () => {
  it('have as many rules as asked for, and are the same for the same seed', () => {
    for (const count of [20, 50, 100, 1000]) {
      expect(rulesOf(mixedRules(count, 1))).toHaveLength(count);
      expect(mixedRules(count, 1)).toBe(mixedRules(count, 1));
      expect(mixedRules(count, 1)).not.toBe(mixedRules(count, 2));
    }
  });

  it('are the mix that they say they are', () => {
    const text = mixedRules(10_000, 1);
    const share = (pattern: RegExp): number =>
      rulesOf(text).filter((rule) => pattern.test(rule)).length / 10_000;
    expect(share(/\/32 /)).toBeGreaterThan(0.6);
    expect(share(/\/24 /)).toBeGreaterThan(0.2);
    expect(share(/ --dport /)).toBeGreaterThan(0.3);
    expect(share(/ --dports /)).toBeGreaterThan(0.1);
    expect(share(/ -j DROP$/)).toBeGreaterThan(0.08);
    expect(share(/ --comment /)).toBeGreaterThan(0.4);
    expect(text.match(/^:[a-z]+-\d+ - /gm)).toHaveLength(40);
  });

  it.each(SHAPES)('are read whole: $name', (shape) => {
    const text = shape.text();
    expect(shape.text()).toBe(text);
    const read = iptablesReader.read(new SourceFile('hostile.v4', text), 'iptables-save', 'x');
    const rules = read.ok ? read.value.chains.flatMap((chain) => chain.rules) : [];
    expect(rules).toHaveLength(rulesOf(text).length);
  });

  it.skipIf(!usable).each(TOOLS)('are taken by %s', (tool) => {
    const texts = [mixedRules(1000, 7), ...SHAPES.map((shape) => shape.text())];
    for (const text of texts) {
      const { status, stderr } = test(tool, text);
      expect(stderr.toString()).not.toMatch(/line \d+ failed|Error/i);
      expect(status).toBe(0);
    }
  });
});

describe('the accounts of the benchmark', () => {
  it('have as many groups, rules and interfaces as asked for, and are the same for the same seed', () => {
    const size = { groups: 50, rules: 2000, interfaces: 200 };
    const { groups, interfaces } = accountFiles(size, 1);
    interface Permission {
      readonly IpRanges: readonly unknown[];
      readonly UserIdGroupPairs: readonly unknown[];
    }
    const exported = (
      JSON.parse(groups) as {
        SecurityGroups: { IpPermissions: Permission[]; IpPermissionsEgress: Permission[] }[];
      }
    ).SecurityGroups;
    const rules = exported
      .flatMap((group) => [...group.IpPermissions, ...group.IpPermissionsEgress])
      .flatMap((one) => [...one.IpRanges, ...one.UserIdGroupPairs]);
    expect([exported.length, rules.length]).toEqual([50, 2000]);
    expect((JSON.parse(interfaces) as { NetworkInterfaces: unknown[] }).NetworkInterfaces).toHaveLength(200);
    expect(accountFiles(size, 1)).toEqual({ groups, interfaces });
    expect(accountFiles(size, 2).groups).not.toBe(groups);
  });
});
