import type { Ruleset } from '../../rule/ruleset.ts';
import { isCloud } from '../../symbolic/stages.ts';
import type { FlowHook } from './hook-view.ts';

/** Whether only a cloud's hooks filter. */
export function isCloudOnly({ cloud, chains }: Ruleset): boolean {
  return cloud !== undefined && chains.every(({ base }) => base === undefined || isCloud(base.hook));
}

/** Whether a cloud filters, and the host itself too. */
export function isBehindCloud(ruleset: Ruleset): boolean {
  return (
    ruleset.cloud !== undefined &&
    !isCloudOnly(ruleset) &&
    ruleset.chains.some(({ base }) => base !== undefined && isCloud(base.hook))
  );
}

/** The hooks at which packets are looked at; nothing that is known of a cloud says what its instances forward. */
export function flowHooks(ruleset: Ruleset): readonly FlowHook[] {
  return isCloudOnly(ruleset) ? ['input', 'output'] : ['input', 'forward', 'output'];
}
