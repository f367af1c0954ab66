import type { CoverageEntry } from '../../rule/ruleset.ts';
import type { JsonObject, LocatedJson } from '../exports/located.ts';

/**
 * Lists of the network's other resources, of which none says what security groups let through: as the API wraps them, and by columns
 * that only their rows have. (https://docs.openstack.org/api-ref/network/v2/)
 */
const OTHERS: readonly (readonly [what: string, wrapper: string, ...columns: string[]])[] = [
  ['networks', 'networks', 'ID', 'Name', 'Subnets'],
  ['subnets', 'subnets', 'ID', 'Network', 'Subnet'],
  ['routers', 'routers', 'ID', 'Name', 'Status', 'State'],
  ['floating addresses', 'floatingips', 'Floating IP Address', 'Fixed IP Address'],
  ['policies of sharing', 'rbac_policies', 'Object Type', 'Object ID'],
];

/** What a document or a row lists besides; undefined where it is none of these. */
export function otherResource(json: LocatedJson, object: JsonObject): CoverageEntry | undefined {
  const found = OTHERS.find(
    ([, wrapper, ...columns]) =>
      Array.isArray(object[wrapper]) || columns.every((name) => object[name] !== undefined),
  );
  if (found === undefined) return undefined;
  const [what] = found;
  const reason = `a list of ${what} says nothing of what security groups let through: it is not read`;
  return { span: { ...json.place(object), label: what }, status: 'ignored', reason };
}

/** Whether a text begins like one of the lists. */
export const OTHER_RESOURCES =
  /^\s*\{\s*"(?:networks|subnets|routers|floatingips|rbac_policies)"\s*:\s*\[|^\s*\[\s*\{\s*"ID"\s*:\s*"[^"]*",\s*"(?:Name"\s*:\s*"[^"]*",\s*"(?:Subnets|Network|Status"\s*:\s*"[^"]*",\s*"State)|Floating IP Address|Object Type)"\s*:/;
