import { ruleRecord } from '../../finding/rules.ts';
import { findingTitle } from '../finding-title.ts';
import type { Numbered } from './numbered.ts';
import { html, type Html } from './template.ts';

/** The heading of a finding. */
export const titleOf = ({ finding }: Numbered): string => findingTitle(finding);

/** What the findings of one rule are called, definite and possible ones. */
export function kindOf({ finding }: Numbered): string {
  return ruleRecord(finding.rule)?.title ?? finding.rule;
}

/** A link to a finding's card (or, where there is no room for cards, its line) by its number. */
export function findingLink(one: Numbered): Html {
  return html`<a href="#f${one.number}">F${one.number}</a> ${titleOf(one)}`;
}

/** Numbers of findings as links. */
export function numberLinks(some: readonly Numbered[]): Html[] {
  return some.map((one, i) => html`${i > 0 && ', '}<a href="#f${one.number}">F${one.number}</a>`);
}
