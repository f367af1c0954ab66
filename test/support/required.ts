/**
 * Whether tests that need a tool run: where it can be used, and where POSTERN_REQUIRE_KERNEL=1 says that it must be there, so
 * that they fail without it instead of skipping.
 */
export function orRequired(usable: boolean): boolean {
  return usable || process.env.POSTERN_REQUIRE_KERNEL === '1';
}
