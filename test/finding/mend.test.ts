import { describe, expect, it } from 'vitest';
import type { Finding } from '../../src/finding/report.ts';
import { mendOf } from '../../src/finding/mend.ts';
import { RULES } from '../../src/finding/rules.ts';

const line = (note: string, text = '') => ({ file: 'rules.v4', line: 1, column: 1, text, note });
const found = { code: 'excessive', certainty: 'definite' } as const;
const excess = (rule: string, ...notes: readonly string[]) =>
  mendOf({ ...found, rule, hook: 'input', evidence: notes.map((note) => line(note)) }) ?? '';

describe('what to do about a finding', () => {
  it.each(['undocumented-opening', 'wider-than-documented', 'prohibited-open'])(
    '%s: depends on who opens it',
    (rule) => {
      expect(excess(rule, 'opens')).not.toContain('policy');
      expect(excess(rule, 'policy opens')).toContain('the policy of the chain does');
      expect(excess(rule, 'opens', 'policy opens')).toMatch(/accepting rule.*policy/);
      expect(excess(rule)).toContain('Nothing that was given filters these packets');
      expect(excess(rule, 'no chain filters forward here')).toBe(excess(rule));
      expect(excess(rule, 'translates')).toContain(excess(rule));
    },
  );

  it('asks for what may tell that it is documented or closed, but not of what is prohibited', () => {
    const of = (rule: string, code: 'excessive' | 'conflicting') =>
      mendOf({ rule, code, certainty: 'possible', hook: 'input', evidence: [line('opens')] });
    expect(of('undocumented-opening', 'excessive')).toMatch(/give it\. Otherwise: Narrow/);
    expect(of('wider-than-documented', 'excessive')).toMatch(/give it\. Otherwise: Narrow/);
    expect(of('prohibited-open', 'conflicting')).toMatch(/^Close it/);
  });

  it('is about the rule alone where the policy is another layer’s', () => {
    const policy = { ...line('policy opens'), file: 'firewall.json' };
    const finding = { ...found, rule: 'undocumented-opening', hook: 'input' } as const;
    expect(mendOf({ ...finding, evidence: [line('opens'), policy] })).not.toContain('policy');
  });

  it.each(['undocumented-opening', 'wider-than-documented', 'prohibited-open'])(
    '%s: is a rule that denies the rest, in a cloud whose networks have no policy that could be changed',
    (rule) => {
      for (const notes of [['policy opens'], ['opens', 'policy opens']]) {
        const mend = mendOf({ ...found, rule, hook: 'egress', evidence: notes.map((note) => line(note)) });
        expect(mend).toMatch(/the network allows .*den(?:y|ies)/);
        expect(mend).not.toMatch(/policy|chain|replies/);
      }
    },
  );

  it('is no other rule beside one that already accepts in some cases', () => {
    const missing = { rule: 'closed', code: 'missing', hook: 'input', evidence: [line('may open')] } as const;
    expect(mendOf({ ...missing, certainty: 'possible' })).toContain('without asking for it');
    expect(mendOf({ ...missing, certainty: 'definite' })).toContain('Add a rule that accepts these packets');
  });

  it('is to give the address that a router may send here, where a rule may publish what is closed', () => {
    const evidence = [line('policy closes'), line('may publish')];
    const finding = { rule: 'closed', code: 'missing', hook: 'forward', evidence } as const;
    expect(mendOf({ ...finding, certainty: 'possible' })).toContain('`addresses:`');
  });

  it('is to open each base chain that closes, and the way of the replies', () => {
    const of = (...notes: readonly string[]) =>
      mendOf({
        rule: 'closed',
        code: 'missing',
        certainty: 'definite',
        hook: 'input',
        evidence: notes.map((note) => line(note)),
      });
    expect(of('closes')).not.toMatch(/base chain|replies/);
    expect(of('closes', 'policy closes in a later base chain')).toContain('ends its base chain alone');
    expect(of('closes', 'would close the reply')).toContain('accept established packets');
    expect(of('policy closes, and would close the reply')).toContain('accept established packets');
    expect(of('policy closes', 'would close some of the replies')).toMatch(
      /Some of the replies .* accept established packets .* before any rule that drops them/,
    );
    expect(
      of('policy closes', 'would close the reply', 'keeps out of connection tracking the reply'),
    ).toMatch(/except them from these rules/);
  });

  it('asks of the one rule that refuses some of a row whether it does so on purpose, and not of one that refuses everything', () => {
    const missing = {
      rule: 'partly-closed',
      code: 'missing',
      certainty: 'definite',
      hook: 'output',
    } as const;
    const of = (text: string) => mendOf({ ...missing, evidence: [{ ...line('closes'), text }] });
    for (const text of ['-A OUTPUT -p tcp -m tcp --dport 25 -j DROP', '\t\ttcp dport 25 counter drop'])
      expect(of(text)).toMatch(/^Widen .* on purpose/);
    for (const text of [
      '-A INPUT -j DROP',
      '[7:420] -A INPUT -j REJECT --reject-with icmp-port-unreachable',
      '\t\tdrop',
      '\t\tcounter packets 7 bytes 420 reject with icmpx type port-unreachable comment "the rest"',
      '\t\tlog prefix "IN " level info drop',
    ])
      expect(of(text)).not.toContain('on purpose');
    const acl = { ...line('closes'), text: 'acl-1: 100 deny tcp 25' };
    expect(mendOf({ ...missing, hook: 'egress', evidence: [acl] })).not.toContain('on purpose');
  });

  it('puts nothing before a list of blocked addresses', () => {
    for (const rule of ['closed', 'partly-closed']) {
      const of = (certainty: 'definite' | 'possible', ...notes: readonly string[]) =>
        mendOf({
          rule,
          code: 'missing',
          hook: 'input',
          certainty,
          evidence: notes.map((note) => line(note)),
        });
      for (const mend of [
        of('definite', 'closes', 'policy closes'),
        of('definite', 'closes', 'closes'),
        of('possible', 'closes', 'may open'),
      ]) {
        expect(mend).toContain('leave it in its place');
        expect(mend).not.toContain('before any rule');
      }
      expect(of('definite', 'policy closes')).not.toContain('in its place');
    }
  });

  it('first asks for what may tell that nothing is masked', () => {
    const masked = { rule: 'masked', code: 'conflicting', hook: 'input' } as const;
    const evidence = [line('closes'), line('would open')];
    expect(mendOf({ ...masked, certainty: 'possible', evidence })).toMatch(/give it\. Otherwise/);
    expect(mendOf({ ...masked, certainty: 'definite', evidence })).toMatch(
      /only where it accepts nothing else/,
    );
  });

  it('says what packets look like that a rule translates, to the rules behind it', () => {
    expect(excess('undocumented-opening', 'opens', 'translates')).toContain('as it leaves them');
    expect(excess('undocumented-opening', 'opens')).not.toContain('as it leaves them');
  });

  it('accepts in no other state what is needed in one', () => {
    const missing = { rule: 'closed', code: 'missing', certainty: 'definite', hook: 'input' } as const;
    const of = (state: 'new' | 'related') =>
      mendOf({
        ...missing,
        evidence: [line('closes')],
        witness: { hook: 'input', state } as Finding['witness'],
      });
    expect(of('related')).toContain('the connection state related: accept them in that alone');
    expect(of('new')).not.toContain('state');
  });

  it('can be followed in a cloud: groups have no rules about states, and those of AWS and OpenStack none that deny', () => {
    const half = { rule: 'half-open', code: 'conflicting', certainty: 'definite', hook: 'ingress' } as const;
    const mend = mendOf({ ...half, evidence: [line('opens'), line('closes the reply')] });
    expect(mend).toContain('A list that keeps no state');
    expect(mend).not.toContain('established');
    const byDefault = { ...found, hook: 'egress', evidence: [line('opens by default')] } as const;
    for (const rule of ['undocumented-opening', 'wider-than-documented', 'prohibited-open'])
      expect(mendOf({ ...byDefault, rule })).toMatch(/nobody can remove: .*deny .* before it/);
    expect(
      mendOf({
        ...byDefault,
        rule: 'undocumented-opening',
        evidence: [line('opens'), line('opens by default')],
      }),
    ).toContain('Narrow');
    const open = { ...found, rule: 'prohibited-open', evidence: [line('opens')] };
    expect(mendOf({ ...open, hook: 'ingress' })).toContain('where the layer has rules that deny');
    expect(mendOf({ ...open, hook: 'input' })).not.toContain('where the layer has rules that deny');
  });

  it('is about each layer of a cloud that closes because nothing in it opens', () => {
    const list = line('closes', 'acl-01 ingress * deny all traffic from 0.0.0.0/0');
    const group = line('policy closes', 'sg-01 (web)');
    const closed = { code: 'missing', rule: 'closed', certainty: 'definite', hook: 'ingress' } as const;
    expect(mendOf({ ...closed, evidence: [group] })).toBe('Add a rule that accepts these packets.');
    expect(mendOf({ ...closed, evidence: [list] })).toBe('Add a rule that accepts these packets.');
    expect(mendOf({ ...closed, evidence: [list, group] })).toContain('to each of the layers quoted here');
    const reply = line('would close the reply', 'acl-01 egress * deny all traffic to 0.0.0.0/0');
    expect(mendOf({ ...closed, evidence: [group, reply] })).toMatch(
      /^Add a rule that accepts these packets\. Nothing lets the replies back yet\. A list that keeps no state/,
    );
    const written = line('closes', 'acl-01 ingress 90 deny tcp 22 from 0.0.0.0/0');
    expect(mendOf({ ...closed, evidence: [written, group] })).toContain('on purpose');
  });

  it('asks for what may tell that a reply passes, and puts the rule for replies before what drops them', () => {
    const half = { rule: 'half-open', code: 'conflicting', hook: 'output' } as const;
    const evidence = [line('opens'), line('may close the reply')];
    expect(mendOf({ ...half, certainty: 'possible', evidence })).toMatch(
      /symmetric routes, a parameter, a feature\), give it\. Otherwise/,
    );
    expect(mendOf({ ...half, certainty: 'definite', evidence })).toMatch(
      /^Let .* before any rule that drops/,
    );
  });

  it('counts a rule that may close among those that drop addresses on purpose', () => {
    const missing = { rule: 'closed', code: 'missing', certainty: 'definite', hook: 'input' } as const;
    expect(mendOf({ ...missing, evidence: [line('may close'), line('closes')] })).toContain('on purpose');
  });

  it('of half-open connections is about who keeps track of them', () => {
    const half = { rule: 'half-open', code: 'conflicting', certainty: 'definite', hook: 'input' } as const;
    expect(mendOf({ ...half, evidence: [line('closes the reply')] })).toContain('established');
    const untracked = [line('keeps out of connection tracking'), line('closes the reply')];
    expect(mendOf({ ...half, evidence: untracked })).toContain('except it from these rules');
    const list = { ...line('closes the reply'), text: 'acl-1 egress * deny all traffic to ::/0' };
    expect(mendOf({ ...half, evidence: [list] })).toContain('1024-65535');
  });

  it('of replies that nothing translates back is about tracking alone', () => {
    const half = { rule: 'half-open', code: 'conflicting', certainty: 'definite', hook: 'forward' } as const;
    const lost = [line('opens'), line('keeps out of connection tracking the reply')];
    expect(mendOf({ ...half, evidence: lost })).toContain('takes back what was translated');
    expect(mendOf({ ...half, evidence: [...lost, line('closes the reply')] })).not.toContain('translated');
  });

  it('widens no rule for packets that a translation sends elsewhere', () => {
    const missing = {
      rule: 'partly-closed',
      code: 'missing',
      certainty: 'definite',
      hook: 'forward',
    } as const;
    expect(mendOf({ ...missing, evidence: [line('translates')] })).toMatch(/^Except these packets/);
    expect(mendOf({ ...missing, evidence: [line('closes'), line('translates')] })).toMatch(/^Widen/);
  });

  it.each([
    ['masked', 'input', 'would open in another table', /Narrow the earlier .* cannot be moved/],
    ['masked', 'input', 'would open', /Narrow the earlier .* Move/],
    ['half-open', 'egress', 'closes the reply', /Let the answers through/],
    ['half-open', 'input', 'keeps out of connection tracking', /Otherwise: /],
    ['layers-disagree', 'input', 'closes', /Open the connection/],
    ['families-disagree', 'input', 'closes', /Give both families/],
  ] as const)('%s at %s, %s: first gives what may tell that it is not so', (rule, hook, note, then) => {
    const of = (certainty: 'definite' | 'possible') =>
      mendOf({ rule, code: 'conflicting', certainty, hook, evidence: [line(note)] });
    expect(of('possible')).toMatch(/give it\. Otherwise: /);
    expect(of('possible')).toMatch(then);
    expect(of('possible')).toContain(of('definite'));
    expect(of('definite')).not.toContain('give it');
  });

  it('accepts in its state alone what is dropped in another table', () => {
    const evidence = [line('closes'), line('would open in another table')];
    const witness = { state: 'related' } as Finding['witness'];
    const masked = { rule: 'masked', code: 'conflicting', certainty: 'definite', hook: 'input' } as const;
    expect(mendOf({ ...masked, evidence, witness })).toMatch(/state related: accept them in that alone/);
  });

  it('moves no rule before one that stands in another table', () => {
    const masked = { rule: 'masked', code: 'conflicting', certainty: 'definite', hook: 'input' } as const;
    const of = (...notes: readonly string[]) =>
      mendOf({ ...masked, evidence: notes.map((note) => line(note)) });
    expect(of('closes', 'would open')).toMatch(/^Narrow.* Move/);
    expect(of('closes', 'would open in another table')).toContain('cannot be moved');
    expect(of('closes', 'would open in a later base chain')).toMatch(/cannot be moved before it\.$/);
    expect(of('closes', 'would open in another table', 'closes in a later base chain')).toMatch(
      /cannot be moved .* in each of those/,
    );
    expect(of('closes', 'would open', 'would open in another table')).toMatch(/^Narrow.* Move/);
    expect(of('closes', 'would open, and would close the reply')).toMatch(/^Narrow.* Move/);
  });

  it('is known for every rule, and for no other', () => {
    for (const { id, code } of RULES)
      expect(mendOf({ ...found, rule: id, code, hook: 'input', evidence: [] })).toMatch(/\.$/);
    expect(mendOf({ ...found, rule: 'of-another-tool', hook: 'input', evidence: [] })).toBe(undefined);
  });
});
