import { describe, expect, it } from 'vitest';
import { ExpressionParser } from '../../../grammars/azure/expression.ts';
import { nameKey, ruleNames } from '../../../src/formats/azure/template-names.ts';

describe('names in templates', () => {
  it('have a grammar that makes sense', () => expect(() => new ExpressionParser(true)).not.toThrow());

  it.each([
    ['shop/till', { group: 'shop', rule: 'till' }],
    ["[concat(parameters('g'), '/till')]", { group: "[parameters('g')]", rule: 'till' }],
    ["[ format( '{0}/{1}' , 'shop' , 'till' ) ]", { group: 'shop', rule: 'till' }],
    [
      "[format('{0}-nsg/{1}', variables('g').name, parameters('r')[0])]",
      {
        group: "[concat(variables('g').name, '-nsg')]",
        rule: "[parameters('r')[0]]",
      },
    ],
    ["[concat('it''s/', 'till')]", { group: "it's", rule: 'till' }],
    // An argument that is not there.
    ["[format('{1}/till', 'shop')]", { group: '[{1}]', rule: 'till' }],
    ['till', undefined],
    ["[parameters('whole')]", undefined],
    // No expression: a bracket is doubled, or something is missing.
    ['[[shop/till]', { group: '[[shop', rule: 'till]' }],
    ["[concat('shop/till']", { group: "[concat('shop", rule: "till']" }],
  ])('%s', (written, names) => expect(ruleNames(written)).toEqual(names));

  it('are the same in other cases and other ways', () => {
    const one = nameKey("[concat(parameters('group'), '-nsg')]");
    expect(nameKey("[FORMAT('{0}-NSG', parameters('Group'))]")).toBe(one);
    expect(nameKey("[concat(parameters('other'), '-nsg')]")).not.toBe(one);
    expect(nameKey('Shop')).toBe(nameKey("[concat('sh', 'OP')]"));
  });
});
