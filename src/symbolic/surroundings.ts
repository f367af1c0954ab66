import type { Condition } from '../rule/condition.ts';
import type { Action } from '../rule/action.ts';
import type { Ruleset } from '../rule/ruleset.ts';
import { kept } from '../text/kept.ts';
import { leavesOpen } from './conditions/predicates.ts';
import type { Surroundings } from './scope.ts';

const remembered = new WeakMap<Ruleset, Surroundings>();

/** What conditions depend on besides the packet, found once for every analysis of the rule set. */
export function surroundingsOf(ruleset: Ruleset): Surroundings {
  return kept(remembered, ruleset, () => findSurroundings(ruleset));
}

function findSurroundings(ruleset: Ruleset): Surroundings {
  const { asked, changed, hasNotrack, readsConnectionMark, editionsMatter, asksOriginalAddress } = new Use(
    ruleset,
  );
  const uses = (field: string): boolean => asked.has(field) || changed.has(field);
  const loopbacks = new Set(['lo']);
  for (const own of ruleset.host?.addresses ?? []) if (own.loopback) loopbacks.add(own.interface);
  return {
    host: ruleset.host,
    sets: ruleset.sets,
    hasNotrack,
    usesConnectionMark: readsConnectionMark || uses('ctmark'),
    asksMarks: asked.has('mark') || asked.has('ctmark'),
    asksFlags: asked.has('tcpFlags'),
    hasForgottenFlags: changed.has('tcpFlags'),
    asksHops: uses('ttl') || asked.has('pkttype'),
    asksOriginals: asksOriginalAddress || asked.has('origSport') || asked.has('origDport'),
    asksPacketType: uses('pkttype'),
    editionsMatter,
    groups: new Map((ruleset.cloud?.symbolic ?? []).map((group, i) => [group, i + 1])),
    loopbacks: [...loopbacks].map((name) => ({ name, prefix: false })),
  };
}

/** What the rules ask for and change, found in one walk: there may be a hundred thousand of them. */
class Use {
  /** Fields that some condition asks for. */
  readonly asked = new Set<string>();
  /** Fields that some rule sets or forgets. */
  readonly changed = new Set<string>();
  hasNotrack = false;
  readsConnectionMark = false;
  editionsMatter = false;
  asksOriginalAddress = false;

  private readonly sets: Ruleset['sets'];

  constructor({ chains, sets }: Ruleset) {
    this.sets = sets;
    for (const { rules } of chains)
      for (const { match, actions } of rules) {
        this.condition(match);
        for (const action of actions) this.action(action);
      }
  }

  private action(action: Action): void {
    switch (action.kind) {
      case 'require':
        this.condition(action.match);
        break;
      case 'notrack':
        this.hasNotrack = true;
        break;
      case 'assign':
        this.changed.add(action.field);
        if (action.from === 'ctmark') this.readsConnectionMark = true;
        break;
      case 'forget':
        this.changed.add(action.field);
    }
  }

  private condition(condition: Condition): void {
    switch (condition.kind) {
      case 'and':
      case 'or':
        for (const part of condition.of) this.condition(part);
        break;
      case 'not':
        this.condition(condition.of);
        break;
      case 'field':
      case 'masked':
        this.asked.add(condition.field);
        break;
      case 'address':
        this.asksOriginalAddress ||= condition.field === 'origSrc' || condition.field === 'origDst';
        break;
      case 'set':
        this.editionsMatter ||= leavesOpen(condition, this.sets);
        break;
      case 'opaque':
        this.editionsMatter = true;
        if (condition.began !== undefined) this.condition(condition.began);
        break;
      case 'address-type':
      case 'translated':
        this.editionsMatter = true;
    }
  }
}
