import { describe, expect, it } from 'vitest';
import { IptablesParser } from '../../../grammars/iptables/parser.ts';
import { makeLexer } from '../../../grammars/iptables/tokens.ts';

// A run does not check them (that takes longer than reading a small dump), so this does.
describe('the definitions of the iptables grammar', () => {
  it('are valid tokens', () => {
    expect(makeLexer(true).lexerDefinitionErrors).toEqual([]);
  });

  it('are a valid grammar', () => {
    const parser = new IptablesParser(true);
    expect(parser.errors).toEqual([]);
    expect(Object.keys(parser.getGAstProductions())).toContain('dump');
  });
});
