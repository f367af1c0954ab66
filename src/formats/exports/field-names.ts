/**
 * A field's name without its spelling: Resource Graph and templates differ in case, and client libraries of Python write
 * `source_address_prefix` (https://learn.microsoft.com/python/api/azure-mgmt-network/azure.mgmt.network.models.securityrule, as_dict).
 */
export function plainName(name: string): string {
  const lower = name.toLowerCase();
  return lower.includes('_') ? lower.replaceAll('_', '') : lower;
}

/** The name under which an object has a field, however it is spelled. */
export function spelledName(object: object, name: string): string | undefined {
  const wanted = plainName(name);
  return Object.keys(object).find((one) => plainName(one) === wanted);
}
