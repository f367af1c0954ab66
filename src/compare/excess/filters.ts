import type { Stage } from '../../symbolic/stages.ts';
import type { FlowHook } from '../view/hook-view.ts';

/** The tables that have the last word about what is open; what others accept says little. */
const MAIN_TABLES: ReadonlySet<string> = new Set(['filter', 'security-group']);

/** Whether a base chain filters what goes through the hook: chains of the hook itself, and those of a cloud around it. */
export function filters(stage: Stage, hook: FlowHook): boolean {
  if (stage.nat) return false;
  if (stage.hook === hook) return true;
  return (
    (stage.hook === 'cloud-ingress' && hook === 'input') ||
    (stage.hook === 'cloud-egress' && hook === 'output')
  );
}

/** Whether it is where openings are written: a filter table, a security group. */
export function isMainFilter({ chain }: Stage): boolean {
  return MAIN_TABLES.has(chain.table);
}
