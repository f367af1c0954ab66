import fc from 'fast-check';
import type { Element, Root, Text } from 'hast';
import rehypeParse from 'rehype-parse';
import { unified } from 'unified';
import { describe, expect, it } from 'vitest';
import { html, join } from '../../../src/report/html/template.ts';
import { visible } from '../../../src/report/visible.ts';

const page = unified().use(rehypeParse, { fragment: true });
const parsed = (text: string): Root => page.parse(text) as Root;

const hostile = fc.string({
  unit: fc.constantFrom(
    ...'<>&"\'`=/ a-!;#',
    '</p>',
    '<script>',
    'onload=',
    '\u0000',
    '\n',
    '\u202e',
    '\ud800',
    '漢',
    ']]>',
    '<!--',
  ),
  maxLength: 60,
});

describe('a template', () => {
  it('leaves a hostile text a text, in elements and in attributes', () => {
    fc.assert(
      fc.property(hostile, (text) => {
        const root = parsed(html`<p title="${text}">${text}</p>`.text);
        expect(root.children).toHaveLength(1);
        const [p] = root.children as [Element];
        expect(p.tagName).toBe('p');
        expect(p.properties).toEqual({ title: visible(text) });
        expect(p.children.map((child) => (child as Text).value).join('')).toBe(visible(text));
        expect(p.children.every((child) => child.type === 'text')).toBe(true);
      }),
    );
  });

  it('takes markup as markup, lists one after the other, and nothing for what is not there', () => {
    expect(html`<b>${html`<i>x</i>`}${[1, '<']}${undefined}${false}${0}</b>`.text).toBe(
      '<b><i>x</i>1&lt;0</b>',
    );
    expect(join(['<', html`<br>`], ', ').text).toBe('&lt;, <br>');
  });

  it('says how much of an endless text it leaves out', () => {
    const { text } = html`${'x'.repeat(1_000_000)}`;
    expect(text.length).toBeLessThan(2100);
    expect(text).toContain('x… (998000 more characters)');
  });
});
