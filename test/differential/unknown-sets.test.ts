import { describe, expect, it } from 'vitest';
import type { Condition } from '../../src/rule/condition.ts';
import { ACCEPT, chain, DROP, inSet, namedSet, not, packet, rule, ruleset, set } from '../support/rules.ts';
import { disagreement, Symbolic } from './engines.ts';

const MACS = namedSet('macs', 'hash:mac', ['00:00:00:00:00:01']);
const HOSTS = namedSet('hosts', 'hash:net', ['10.0.0.0/8', '10.1.2.0/24 nomatch']);
const LIST = namedSet('list', 'list:set', ['hosts', 'macs']);
const PORTS = namedSet('ports', 'hash:net,iface', ['10.0.0.0/8,physdev:eth7']);

const BOTH = { accept: true, deny: true };

describe.each(['fixed', 'open'] as const)(
  'a set of which a packet does not tell whether it is in it (%s)',
  (precision) => {
    const answer = (input: Parameters<typeof chain>[1], to = '192.0.2.1') => {
      const rules = ruleset([chain('input', input, { hook: 'input' })], { sets: [MACS, HOSTS, LIST, PORTS] });
      const one = packet({ from: '10.9.9.9', to });
      const symbolic = new Symbolic(rules, precision);
      expect(disagreement(rules, one, symbolic)).toBeUndefined();
      return symbolic.answer(one);
    };

    it.each<[string, Condition]>([
      ['a destination’s MAC', inSet('macs', 'dst')],
      ['a bridge’s port', inSet('ports', 'src,src')],
      ['a member of a list', inSet('list', 'dst,dst')],
      ['a member of a list, with --return-nomatch', inSet('list', 'dst,dst', true)],
    ])('gives one answer to both of two questions: %s', (_, asked) => {
      expect(answer([rule(asked, DROP)])).toEqual(BOTH);
      expect(answer([rule([asked, not(asked)], DROP)])).toEqual({ accept: true, deny: false });
      expect(answer([rule(asked, DROP), rule(not(asked), DROP)])).toEqual({ accept: false, deny: true });
    });

    it('is asked for what its other members do not say', () => {
      const asked = inSet('list', 'dst,dst');
      expect(answer([rule(asked, DROP)], '10.9.9.9')).toEqual({ accept: false, deny: true });
      expect(answer([rule(asked, DROP)], '10.1.2.3')).toEqual(BOTH);
    });

    it('may give another answer once the packet’s bytes have changed', () => {
      const asked = inSet('macs', 'dst');
      expect(answer([rule(asked, ACCEPT), rule([], set('tos', 4)), rule(asked, DROP)])).toEqual(BOTH);
    });
  },
);
